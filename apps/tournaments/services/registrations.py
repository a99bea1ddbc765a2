"""Who takes part: a seat is held from registration on, and confirmed once it is paid for. Who finds
no seat waits for one."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import Conflict
from apps.events.recording import record
from apps.matches.metrics import active_tournaments
from apps.payments.selectors import fee_is_back
from apps.teams.models import Team
from apps.teams.services import team_locked
from apps.tournaments import metrics
from apps.tournaments.events import (
    RegistrationCreated,
    RegistrationLeft,
    RegistrationStandsBy,
)
from apps.tournaments.exceptions import (
    AlreadyRegistered,
    NoTeamNeeded,
    NotPaidYet,
    NotTheTeamsCaptain,
    RegistrationClosed,
    RegistrationOver,
    TeamNeeded,
    TournamentFull,
    WrongState,
)
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

MOST_WAITING = 1024
Status = Registration.Status


def registration_create(
    *, tournament_id: int, player: User, team_id: int | None = None
) -> Registration:
    """Takes a seat: confirmed where it is free of charge, else with an invoice to pay in time. On
    the waiting list where none is free. A team is registered by its captain.

    Raises TournamentNotFound, RegistrationClosed, AlreadyRegistered, TournamentFull, TeamNeeded,
    NoTeamNeeded, TeamNotFound, NotTheTeamsCaptain, TeamOfAnotherGame, RosterTooSmall,
    PlayerInTwoTeams.
    """
    with _refusals_counted(tournament_id), transaction.atomic():
        tournament = tournament_locked_for(tournament_id, player)
        _check_open(tournament)
        team = _team(tournament, player, team_id)
        _check_new(tournament, player, team)
        waiting = tournament.registrations.filter(status=Status.WAITLISTED).count()
        if waiting >= MOST_WAITING:
            raise TournamentFull
        if waiting:
            seats_fill(tournament)  # who waits comes before who comes
        seated = seats_free(tournament) > 0
        registration = Registration.objects.create(
            tournament=tournament,
            player=player,
            team=team,
            status=Status.PENDING_PAYMENT if seated else Status.WAITLISTED,
        )
        record(RegistrationCreated.of(registration, status=str(registration.status)))
        if seated:
            seat_take(registration)
    return registration


@transaction.atomic
def registration_withdraw(*, registration_id: int, player: User) -> Registration:
    """Until the start, and with the entry fee back; the seat goes to who waits. Afterwards a match
    is forfeited instead. Raises RegistrationNotFound, RegistrationOver, WrongState."""
    registration = registration_of_player(registration_id, player)
    tournament = registration.tournament
    if registration.status not in Registration.ACTIVE:
        raise RegistrationOver
    if tournament.status not in Tournament.BEFORE_THE_START:
        raise WrongState
    registration.roster.all().delete()
    seats_settle([registration], Status.WITHDRAWN, refund=True)
    seats_fill(tournament)
    return registration


@transaction.atomic
def registration_check_in(*, registration_id: int, player: User) -> Registration:
    """I am there. Twice is once. Raises RegistrationNotFound, RegistrationOver, WrongState outside
    check-in, NotPaidYet, RosterTooSmall."""
    registration = registration_of_player(registration_id, player)
    if registration.status not in Registration.ACTIVE:
        raise RegistrationOver
    if registration.tournament.status != Tournament.Status.CHECK_IN:
        raise WrongState
    if registration.status == Status.PENDING_PAYMENT:
        raise NotPaidYet
    if registration.status == Status.WAITLISTED:
        _stand_by(registration)
    elif registration.status == Status.CONFIRMED:
        seat_check_in(registration)
    return registration


def registration_confirm(*, registration_id: int) -> None:
    """Paid for. Call inside the transaction of the payment."""
    registration = _locked(registration_id)
    if registration.status == Status.PENDING_PAYMENT:
        seat_confirm(registration)


def registration_refunded(*, registration_id: int) -> None:
    """A payment of the entry fee went back. Call inside the transaction of the refund. Who plays
    already, plays on; before the start the seat is free, and `tournaments_tick` gives it to who
    waits. Where only one payment too many went back, nothing changes."""
    if not fee_is_back(registration_id=registration_id):
        return
    registration = _locked(registration_id)
    registration.tournament.refresh_from_db(fields=["status"])  # which the row's lock waited for
    begun = registration.tournament.status in (Tournament.Status.LIVE, Tournament.Status.COMPLETED)
    if begun and registration.status in Registration.PAID_FOR:
        return
    was_in = registration.status in Registration.ACTIVE
    registration.status = Status.REFUNDED
    registration.save(update_fields=["status"])
    if was_in:
        record(RegistrationLeft.of(registration, status=str(Status.REFUNDED)))


def _locked(registration_id: int) -> Registration:
    registrations = Registration.objects.select_related("tournament", "player", "team__game")
    return registrations.select_for_update(of=("self",), no_key=True).get(pk=registration_id)


def _check_open(tournament: Tournament) -> None:
    closes_at = tournament.registration_closes_at
    if tournament.status != Tournament.Status.REGISTRATION_OPEN:
        raise RegistrationClosed
    if closes_at is not None and closes_at <= timezone.now():
        raise RegistrationClosed


def _team(tournament: Tournament, player: User, team_id: int | None) -> Team | None:
    if not tournament.team_based:
        if team_id is not None:
            raise NoTeamNeeded
        return None
    if team_id is None:
        raise TeamNeeded(team_id="is needed")
    team = team_locked(team_id)  # or it would be handed over in this moment
    if team.captain_id != player.pk:
        raise NotTheTeamsCaptain
    return team


def _check_new(tournament: Tournament, player: User, team: Team | None) -> None:
    active = tournament.registrations.filter(status__in=Registration.ACTIVE)
    if active.filter(player=player).exists():
        raise AlreadyRegistered
    if team is not None:
        if active.filter(team=team).exists():
            raise AlreadyRegistered
        roster_check(tournament, team)


def _stand_by(registration: Registration) -> None:
    if registration.stands_by:
        return
    registration.stands_by = True
    registration.save(update_fields=["stands_by"])
    record(RegistrationStandsBy.of(registration))
    seats_fill(registration.tournament)
    registration.refresh_from_db(fields=["status"])


@contextmanager
def _refusals_counted(tournament_id: int) -> Iterator[None]:
    """A refused sign-up changes nothing, so there is no event to count it by."""
    try:
        yield
    except Conflict:
        counter = metrics.tournament_registrations
        active_tournaments.inc_known(counter, tournament_id, status="FAILED")
        raise
