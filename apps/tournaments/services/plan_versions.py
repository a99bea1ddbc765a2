"""The fields of a tournament's plan, and optimistic locking by their version."""

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
from apps.web.forms import parse_id

STATUS_EVENTS = (TournamentOpened, CheckInOpened, TournamentStarted, TournamentCancelled)

AUTOMATIC = "was changed automatically"


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


PLAN_FIELDS = sorted(Changes.__annotations__)


def plan_version(tournament: Tournament) -> str:
    """Changes with every change of the plan or the status."""
    values = [tournament.status, *(getattr(tournament, name) for name in PLAN_FIELDS)]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:16]


def plan_version_now(tournament: Tournament) -> str:
    """The version with the current `seq`, so that a conflict can list the later changes."""
    return f"{recording.head(tournament_stream(tournament.pk))}-{plan_version(tournament)}"


def plan_check(tournament: Tournament, version: str) -> None:
    """`version` is a `plan_version` or a `plan_version_now`. Raises PlanHasChanged; the second kind
    adds each changed field, `status` included, and the user who changed it."""
    seq, _, digest = version.rpartition("-")
    if digest != plan_version(tournament):
        raise PlanHasChanged(**(_changes(tournament, since=parse_id(seq)) if seq else {}))


def _changes(tournament: Tournament, *, since: int) -> dict[str, str]:
    names = [event.name for event in (TournamentEdited, *STATUS_EVENTS)]
    later = EventRecord.objects.filter(
        stream=tournament_stream(tournament.pk), seq__gt=since, name__in=names
    )
    changes = {}
    for event in later.select_related("actor").order_by("seq"):
        change = f"was changed by {event.actor.username}" if event.actor else AUTOMATIC
        for name in event.data.get("fields", ["status"]):
            changes[name] = change
    return changes
