from typing import Any, TypeAlias, TypedDict

from apps.accounts.types import Person

# Rows of the app above, whose classes are not imported. Relations of `Match` have exact types.
Registration: TypeAlias = Any
Tournament: TypeAlias = Any


class TeamRef(TypedDict):
    id: int
    name: str


class Entrant(TypedDict):
    """A registration in events: `player`, or `team` with `player` as its captain."""

    id: int
    name: str
    player: Person
    team: TeamRef | None
