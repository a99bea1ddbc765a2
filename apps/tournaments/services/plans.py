"""Creates and edits a tournament's plan, and validates it."""

from collections.abc import Iterator
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.events.recording import record
from apps.games.selectors import game_get
from apps.matches.formats import OPTIONS, plan_errors
from apps.matches.formats.base import MAX_ENTRANTS
from apps.tournaments.events import TournamentCreated, TournamentEdited
from apps.tournaments.exceptions import BadPlan, WrongState
from apps.tournaments.models import Tournament
from apps.tournaments.selectors import seats_free
from apps.tournaments.services.locking import tournament_of_organizer
from apps.tournaments.services.plan_versions import Changes, Plan, plan_check
from apps.tournaments.services.seats import seats_fill
from apps.web.validators import name_error

Status = Tournament.Status
MAX_PRIZES = 16
EDITABLE_UNTIL_START = {
    "rules", "capacity", "seeding", "best_of", "registration_closes_at", "starts_at",
    "check_in_minutes", "round_minutes", "no_show_minutes",
    *(name for name, option in OPTIONS.items() if option.until_start),
}  # fmt: skip


@transaction.atomic
def tournament_create(
    *, organizer: User, name: str, game_title: str, capacity: int, **plan: Unpack[Plan]
) -> Tournament:
    """Creates a draft. Raises UnknownGame, BadPlan."""
    tournament = Tournament(organizer=organizer, game=game_get(title=game_title))
    _apply(tournament, {"name": name, "capacity": capacity, "currency": "EUR", **plan})
    tournament.save(force_insert=True)
    record(
        TournamentCreated(
            tournament_id=tournament.pk,
            organizer=organizer.as_person(),
            game_title=tournament.game_title,
        )
    )
    return tournament


@transaction.atomic
def tournament_edit(
    *, tournament_id: int, organizer: User, version: str | None = None, **changes: Unpack[Changes]
) -> Tournament:
    """Changes a draft completely, and an open tournament in EDITABLE_UNTIL_START.

    With `version`, changes apply only to that version of the plan. Raises what
    `tournament_of_organizer` does, PlanHasChanged, WrongState, BadPlan."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    if version is not None:
        plan_check(tournament, version)
    names = sorted(changes)
    if tournament.status != Status.DRAFT:
        _check_may_change(tournament, set(names))
    _apply(tournament, dict(changes))
    if not names:
        return tournament
    tournament.save(update_fields=names)
    record(TournamentEdited(tournament_id=tournament.pk, fields=names))
    if tournament.status != Status.DRAFT:
        seats_fill(tournament)
    return tournament


def _check_may_change(tournament: Tournament, names: set[str]) -> None:
    if tournament.status not in Tournament.BEFORE_START:
        raise WrongState
    if fixed := names - EDITABLE_UNTIL_START:
        raise BadPlan(**dict.fromkeys(fixed, "can't be changed after registration opens"))


def _apply(tournament: Tournament, values: dict[str, Any]) -> None:
    """Raises BadPlan with a message for each invalid field."""
    started_at, window = tournament.starts_at, tournament.check_in_minutes
    for name, value in values.items():
        setattr(tournament, name, value)
    unchanged = {field.name for field in tournament._meta.fields} - values.keys()
    try:
        tournament.clean_fields(exclude=unchanged)
    except ValidationError as error:
        raise BadPlan.from_validation_error(error) from None
    errors = dict(_errors(tournament))
    starts_at = tournament.starts_at
    if starts_at is not None and starts_at != started_at and starts_at <= timezone.now():
        errors["starts_at"] = "must be in the future"
    if tournament.status == Status.CHECK_IN and tournament.check_in_minutes != window:
        errors["check_in_minutes"] = "can't be changed after check-in opens"
    if errors:
        raise BadPlan(**errors)


def _errors(tournament: Tournament) -> Iterator[tuple[str, str]]:
    if error := name_error(tournament.name):
        yield "name", error
    yield from _capacity_errors(tournament)
    yield from _schedule_errors(tournament)
    if not _is_valid_split(tournament.prize_split):
        yield "prize_split", "percentages must add up to 100"
    elif len(tournament.prize_split) > min(MAX_PRIZES, tournament.capacity):
        yield "prize_split", "has more places than entrants"


def _capacity_errors(tournament: Tournament) -> Iterator[tuple[str, str]]:
    yield from plan_errors(tournament, tournament.capacity).items()
    if not 2 <= tournament.capacity <= MAX_ENTRANTS:
        yield "capacity", f"must be from 2 to {MAX_ENTRANTS}"
    elif tournament.pk is not None and seats_free(tournament) < 0:
        yield "capacity", "can't be lower than the number already registered"


def _schedule_errors(tournament: Tournament) -> Iterator[tuple[str, str]]:
    opens_at, closes_at = tournament.registration_opens_at, tournament.registration_closes_at
    starts_at = tournament.starts_at
    if opens_at and closes_at and closes_at <= opens_at:
        yield "registration_closes_at", "must be after registration opens"
    if starts_at and any(before and starts_at < before for before in (opens_at, closes_at)):
        yield "starts_at", "must be after registration closes"
    if tournament.round_minutes and starts_at is None:
        yield "starts_at", "is required when rounds are timed"


def _is_valid_split(split: object) -> bool:
    if not isinstance(split, list) or not split:
        return False
    whole = all(isinstance(part, int) and not isinstance(part, bool) for part in split)
    return whole and min(split) >= 1 and sum(split) == 100
