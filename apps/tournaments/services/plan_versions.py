"""What a plan is made of, and whether it is still the one that somebody was shown."""

import hashlib
import json
from datetime import datetime
from typing import TypedDict

from apps.events import recording
from apps.events.models import EventRecord
from apps.matches.events import tournament_stream
from apps.tournaments.events import (
    CheckInOpened,
    TournamentCancelled,
    TournamentEdited,
    TournamentOpened,
    TournamentStarted,
)
from apps.tournaments.exceptions import PlanHasChanged
from apps.tournaments.models import Tournament
from apps.web.forms import id_of

MOVES = (TournamentOpened, CheckInOpened, TournamentStarted, TournamentCancelled)


class Plan(TypedDict, total=False):
    """`entry_fee` in minor units of the currency, `prize_coins` in whole DeltaCoins, `prize_split`
    in percent by place."""

    rules: str
    format: str
    team_based: bool
    best_of: int
    third_place: bool
    group_size: int
    group_advance: int
    swiss_rounds: int
    seeding: str
    entry_fee: int
    currency: str
    prize_coins: int
    prize_split: list[int]
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    starts_at: datetime | None
    check_in_minutes: int
    round_minutes: int
    no_show_minutes: int


class Changes(Plan, total=False):
    name: str
    capacity: int


PLANNED = sorted(Changes.__annotations__)


def plan_version(tournament: Tournament) -> str:
    """Another for each change of the plan, or of the state, which says what can be changed."""
    values = [tournament.status, *(getattr(tournament, name) for name in PLANNED)]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:16]


def plan_version_now(tournament: Tournament) -> str:
    """With the number of the event as of which it is: who is refused is told what came since."""
    return f"{recording.head(tournament_stream(tournament.pk))}-{plan_version(tournament)}"


def plan_check(tournament: Tournament, version: str) -> None:
    """`version`: either kind. Raises PlanHasChanged, where it says since when with by whom for each
    field that is known to have changed; `status` is one of them."""
    seq, _, digest = version.rpartition("-")
    if digest != plan_version(tournament):
        raise PlanHasChanged(**(_changes(tournament, since=id_of(seq)) if seq else {}))


def _changes(tournament: Tournament, *, since: int) -> dict[str, str]:
    names = [event.name for event in (TournamentEdited, *MOVES)]
    later = EventRecord.objects.filter(
        stream=tournament_stream(tournament.pk), seq__gt=since, name__in=names
    )
    changes = {}
    for event in later.select_related("actor").order_by("seq"):
        who = event.actor.username if event.actor else "the clock"
        for name in event.data.get("fields", ["status"]):
            changes[name] = f"was changed by {who}"
    return changes
