from typing import TypedDict

from apps.accounts.types import Person


class TeamRef(TypedDict):
    id: int
    name: str


class Entrant(TypedDict):
    """A registration in events: `player`, or `team` with `player` as its captain."""

    id: int
    name: str
    player: Person
    team: TeamRef | None
