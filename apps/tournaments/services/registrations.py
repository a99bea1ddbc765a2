"""Registrations: a seat is held from registration on, and confirmed by payment. Without a free
seat, the entrant joins the waiting list."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import Conflict
from apps.events.recording import record
from apps.matches.metrics import active_tournaments
from apps.payments.selectors import is_fee_refunded
from apps.teams.models import Team
from apps.teams.services import team_locked
from apps.tournaments import events, exceptions, metrics
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.selectors import seats_free
from apps.tournaments.services.locking import registration_of_player, tournament_locked_for
from apps.tournaments.services.rosters import roster_check
from apps.tournaments.services.seats import (
    seat_check_in,
    seat_confirm,
    seat_take,
    seats_fill,
    seats_settle,
)

MAX_WAITING = 1024
Status = Registration.Status


def registration_create(
    *, tournament_id: int, player: User, team_id: int | None = None
) -> Registration:
    """Takes a seat, or a place on the waiting list. A free seat is confirmed immediately; with an
    entry fee it gets an invoice. `team_id` is required for team tournaments.

    Raises TournamentNotFound, RegistrationClosed, AlreadyRegistered, TournamentFull, TeamNeeded,
    NoTeamNeeded, TeamNotFound, NotTheTeamsCaptain, TeamOfAnotherGame, RosterTooSmall,
    PlayerInTwoTeams.
    """
    with _count_failures(tournament_id), transaction.atomic():
        tournament = tournament_locked_for(tournament_id, player)
        _check_open(tournament)
        team = _team(tournament, player, team_id)
        _check_new(tournament, player, team)
        waiting = tournament.registrations.filter(status=Status.WAITLISTED).count()
        if waiting >= MAX_WAITING:
            raise exceptions.TournamentFull
        if waiting:
            seats_fill(tournament)  # the waiting list is served before new registrations
        seated = seats_free(tournament) > 0
        status = Status.PENDING_PAYMENT if seated else Status.WAITLISTED
        registration = Registration.objects.create(
            tournament=tournament, player=player, team=team, status=status
        )
        record(events.RegistrationCreated.of(registration, status=str(status)))
        if seated:
            seat_take(registration)
    return registration


@transaction.atomic
def registration_withdraw(*, registration_id: int, player: User) -> Registration:
    """Releases the seat before the start and refunds the fee. Raises RegistrationNotFound,
    RegistrationOver, WrongState after the start."""
    registration = registration_of_player(registration_id, player)
    tournament = registration.tournament
    if registration.status not in Registration.ACTIVE:
        raise exceptions.RegistrationOver
    if tournament.status not in Tournament.BEFORE_START:
        raise exceptions.WrongState
    registration.roster.all().delete()
    seats_settle([registration], Status.WITHDRAWN, refund=True)
    seats_fill(tournament)
    return registration


@transaction.atomic
def registration_check_in(*, registration_id: int, player: User) -> Registration:
    """Idempotent. On the waiting list it makes the entrant a standby. Raises RegistrationNotFound,
    RegistrationOver, WrongState outside check-in, NotPaidYet, RosterTooSmall."""
    registration = registration_of_player(registration_id, player)
    if registration.status not in Registration.ACTIVE:
        raise exceptions.RegistrationOver
    if registration.tournament.status != Tournament.Status.CHECK_IN:
        raise exceptions.WrongState
    if registration.status == Status.PENDING_PAYMENT:
        raise exceptions.NotPaidYet
    if registration.status == Status.WAITLISTED:
        _stand_by(registration)
    elif registration.status == Status.CONFIRMED:
        seat_check_in(registration)
    return registration


def registration_confirm(*, registration_id: int) -> None:
    """Call inside the transaction of the payment."""
    registration = _locked(registration_id)
    if registration.status == Status.PENDING_PAYMENT:
        seat_confirm(registration)


def registration_refunded(*, registration_id: int) -> None:
    """Call inside the transaction of the refund. After the start the entrant continues to play;
    before it the seat becomes free, and `tournaments_tick` fills it. The refund of a duplicate
    payment changes nothing."""
    if not is_fee_refunded(registration_id=registration_id):
        return
    registration = _locked(registration_id)
    # The status can change while this waits for the lock.
    registration.tournament.refresh_from_db(fields=["status"])
    has_started = registration.tournament.status in Tournament.AFTER_START
    if has_started and registration.status in Registration.PAID:
        return
    was_active = registration.status in Registration.ACTIVE
    registration.status = Status.REFUNDED
    registration.save(update_fields=["status"])
    if was_active:
        record(events.RegistrationLeft.of(registration, status=str(Status.REFUNDED)))


def _locked(registration_id: int) -> Registration:
    registrations = Registration.objects.select_related("tournament", "player", "team__game")
    return registrations.select_for_update(of=("self",), no_key=True).get(pk=registration_id)


def _check_open(tournament: Tournament) -> None:
    closes_at = tournament.registration_closes_at
    if tournament.status != Tournament.Status.REGISTRATION_OPEN:
        raise exceptions.RegistrationClosed
    if closes_at is not None and closes_at <= timezone.now():
        raise exceptions.RegistrationClosed


def _team(tournament: Tournament, player: User, team_id: int | None) -> Team | None:
    if not tournament.team_based:
        if team_id is not None:
            raise exceptions.NoTeamNeeded
        return None
    if team_id is None:
        raise exceptions.TeamNeeded(team_id="is required")
    team = team_locked(team_id)  # the captain must not change concurrently
    if team.captain_id != player.pk:
        raise exceptions.NotTheTeamsCaptain
    return team


def _check_new(tournament: Tournament, player: User, team: Team | None) -> None:
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    if active.filter(player=player).exists():
        raise exceptions.AlreadyRegistered
    if team is not None:
        if active.filter(team=team).exists():
            raise exceptions.AlreadyRegistered
        roster_check(tournament, team)


def _stand_by(registration: Registration) -> None:
    if registration.stands_by:
        return
    registration.stands_by = True
    registration.save(update_fields=["stands_by"])
    record(events.RegistrationStandsBy.of(registration))
    seats_fill(registration.tournament)
    registration.refresh_from_db(fields=["status"])


@contextmanager
def _count_failures(tournament_id: int) -> Iterator[None]:
    """A refused registration records no event, so it is counted here."""
    try:
        yield
    except Conflict:
        counter = metrics.tournament_registrations
        active_tournaments.inc_known(counter, tournament_id, status="FAILED")
        raise
