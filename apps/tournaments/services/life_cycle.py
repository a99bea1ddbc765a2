"""A tournament's states and the allowed transitions.

draft → registration_open → check_in → live → completed
                         ╰────────────↗
cancelled: from every state before completed
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.events.recording import record
from apps.matches.formats import format_of
from apps.matches.selectors import placements
from apps.matches.services import draw_create
from apps.tournaments import events
from apps.tournaments.exceptions import TooFewEntrants, WrongState
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.locking import tournament_of_organizer
from apps.tournaments.services.seats import (
    registrations_in,
    rosters_lock,
    seats_drop,
    seats_fill,
    seats_settle,
)
from apps.tournaments.services.seeding import entrants_seeded

Status = Tournament.Status
Registered = Registration.Status
TRANSITIONS = {
    Status.DRAFT: {Status.REGISTRATION_OPEN, Status.CANCELLED},
    Status.REGISTRATION_OPEN: {Status.CHECK_IN, Status.LIVE, Status.CANCELLED},
    Status.CHECK_IN: {Status.LIVE, Status.CANCELLED},
    Status.LIVE: {Status.COMPLETED, Status.CANCELLED},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
}


@transaction.atomic
def tournament_open(*, tournament_id: int, organizer: User) -> Tournament:
    """Raises what `tournament_of_organizer` does, WrongState."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    open_now(tournament)
    return tournament


@transaction.atomic
def tournament_check_in_open(*, tournament_id: int, organizer: User) -> Tournament:
    """Closes registration and lets confirmed entrants check in. Raises what
    `tournament_of_organizer` does, WrongState."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    check_in_now(tournament)
    return tournament


@transaction.atomic
def tournament_no_shows_drop(*, tournament_id: int, organizer: User) -> Tournament:
    """Gives the seats of entrants who have not checked in to standbys. Raises what
    `tournament_of_organizer` does, WrongState outside check-in."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    if tournament.status != Status.CHECK_IN:
        raise WrongState
    _drop_no_shows(tournament)
    seats_fill(tournament)
    return tournament


@transaction.atomic
def tournament_start(*, tournament_id: int, organizer: User) -> Tournament:
    """Creates the draw from paid (and checked-in) entrants. Raises what `tournament_of_organizer`
    does, WrongState, TooFewEntrants."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    if tournament.check_in_minutes and tournament.status == Status.REGISTRATION_OPEN:
        raise WrongState
    unpaid = registrations_in(tournament, Registered.PENDING_PAYMENT)
    seats_settle(unpaid, Registered.CANCELLED, refund=False)  # before any event: see its docstring
    if tournament.status == Status.CHECK_IN:
        _drop_no_shows(tournament)
        if not tournament.entry_fee:  # with a fee, new entrants could not pay in time
            seats_fill(tournament)
    _transition(tournament, Status.LIVE)
    seats_drop(registrations_in(tournament, Registered.WAITLISTED), Registered.CANCELLED)
    rosters_lock(tournament)
    entrants = entrants_seeded(tournament)
    if len(entrants) < 2:
        raise TooFewEntrants
    record(
        events.TournamentStarted(
            tournament_id=tournament.pk,
            entrants=len(entrants),
            rounds=format_of(tournament).rounds(len(entrants)),
            seeding=tournament.seeding,
            random_seed=tournament.random_seed,
        )
    )
    draw_create(tournament=tournament, entrants=entrants)
    return tournament


@transaction.atomic
def tournament_cancel(*, tournament_id: int, organizer: User) -> Tournament:
    """Refunds every paid entry fee, also to no-shows. Raises what `tournament_of_organizer` does,
    WrongState."""
    tournament = tournament_of_organizer(tournament_id, organizer)
    _transition(tournament, Status.CANCELLED)
    owed = registrations_in(tournament, *Registration.ACTIVE, Registered.NO_SHOW)
    seats_settle(owed, Registered.CANCELLED, refund=True)
    record(events.TournamentCancelled(tournament_id=tournament.pk))
    return tournament


def tournament_complete(*, tournament_id: int) -> None:
    """Stores final placements and the champion. Call inside the transaction of the last match.
    Raises WrongState."""
    tournament = Tournament.objects.select_for_update(no_key=True).get(pk=tournament_id)
    ranking = placements(tournament=tournament)
    for place, entrant in ranking:
        entrant.place = place
    entrants = [entrant for _, entrant in ranking]
    Registration.objects.bulk_update(entrants, ["place"], batch_size=200)
    first = entrants[0]
    _transition(tournament, Status.COMPLETED, champion=first.player)
    record(
        events.TournamentCompleted(
            tournament_id=tournament_id,
            champion=first.player.as_person(),
            entrant=first.as_entrant(),
        )
    )


def open_now(tournament: Tournament) -> None:
    """Call with the tournament locked. Raises WrongState."""
    _transition(tournament, Status.REGISTRATION_OPEN, opened_at=timezone.now())
    record(events.TournamentOpened(tournament_id=tournament.pk, game_title=tournament.game_title))


def check_in_now(tournament: Tournament) -> None:
    """Call with the tournament locked. Raises WrongState, also without a check-in."""
    if not tournament.check_in_minutes:
        raise WrongState
    _transition(tournament, Status.CHECK_IN, check_in_opened_at=timezone.now())
    starts_at = tournament.starts_at.isoformat() if tournament.starts_at else None
    record(events.CheckInOpened(tournament_id=tournament.pk, starts_at=starts_at))


def _drop_no_shows(tournament: Tournament) -> None:
    """No-shows lose the seat, and the fee if check-in was open for the announced time."""
    absent = registrations_in(tournament, Registered.CONFIRMED)
    opened_at = tournament.check_in_opened_at
    window = timedelta(minutes=tournament.check_in_minutes)
    if opened_at is not None and opened_at + window <= timezone.now():
        seats_drop(absent, Registered.NO_SHOW)
    else:
        seats_settle(absent, Registered.NO_SHOW, refund=True)


def _transition(tournament: Tournament, status: Tournament.Status, **fields: object) -> None:
    """Saves `fields` with the status. Raises WrongState."""
    if status not in TRANSITIONS[Status(tournament.status)]:
        raise WrongState
    changed = {"status": status, **fields}
    for name, value in changed.items():
        setattr(tournament, name, value)
    tournament.save(update_fields=changed)
