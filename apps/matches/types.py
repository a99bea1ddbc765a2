from typing import TYPE_CHECKING, Any, TypedDict

from apps.accounts.types import Person

# A match belongs to a tournament and to registrations, which the app above defines.
if TYPE_CHECKING:
    from apps.tournaments.models import Registration, Tournament
else:
    Registration = Tournament = Any

__all__ = ["Entrant", "Registration", "TeamRef", "Tournament"]


class TeamRef(TypedDict):
    id: int
    name: str


class Entrant(TypedDict):
    """A registration in events: `player`, or `team` with `player` as its captain."""

    id: int
    name: str
    player: Person
    team: TeamRef | None
