"""draft → registration_open → live → completed, and cancelled from anywhere before the end."""

from django.db import transaction

from apps.accounts.models import User
from apps.core.events import Person, record
from apps.matches.services import bracket_create
from apps.payments.services import invoice_void
from apps.tournaments.events import (
    TournamentCancelled,
    TournamentCompleted,
    TournamentCreated,
    TournamentOpened,
    TournamentStarted,
)
from apps.tournaments.exceptions import (
    NotYourTournament,
    TooFewEntrants,
    TournamentNotFound,
    WrongState,
)
from apps.tournaments.models import Registration, Tournament

Status = Tournament.Status
MOVES = {
    Status.DRAFT: {Status.REGISTRATION_OPEN, Status.CANCELLED},
    Status.REGISTRATION_OPEN: {Status.LIVE, Status.CANCELLED},
    Status.LIVE: {Status.COMPLETED, Status.CANCELLED},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
}


@transaction.atomic
def tournament_create(
    *,
    organizer: User,
    name: str,
    game_title: str,
    capacity: int,
    entry_fee: int = 0,
    currency: str = "EUR",
    prize_coins: int = 0,
    format: str = Tournament.Format.SINGLE_ELIMINATION,
) -> Tournament:
    """A draft. `entry_fee` in minor units of the currency, `prize_coins` in whole DeltaCoins."""
    tournament = Tournament.objects.create(
        organizer=organizer,
        name=name,
        game_title=game_title,
        format=format,
        capacity=capacity,
        entry_fee=entry_fee,
        currency=currency,
        prize_coins=prize_coins,
    )
    record(
        TournamentCreated(
            tournament_id=tournament.pk,
            organizer=person(organizer),
            game_title=tournament.game_title,
        )
    )
    return tournament


@transaction.atomic
def tournament_open(*, tournament_id: int, organizer: User) -> Tournament:
    """Raises what `_of_organizer` does, WrongState."""
    tournament = _of_organizer(tournament_id, organizer)
    _move(tournament, Status.REGISTRATION_OPEN)
    record(TournamentOpened(tournament_id=tournament.pk, game_title=tournament.game_title))
    return tournament


@transaction.atomic
def tournament_start(*, tournament_id: int, organizer: User) -> Tournament:
    """Draws the bracket among the confirmed, in the order they signed up; who has not paid is out.
    Raises what `_of_organizer` does, WrongState, TooFewEntrants."""
    tournament = _of_organizer(tournament_id, organizer)
    _move(tournament, Status.LIVE)
    _drop(tournament, Registration.Status.PENDING_PAYMENT, refund=False)
    confirmed = tournament.registrations.filter(status=Registration.Status.CONFIRMED)
    entrants = [one.player for one in confirmed.select_related("player").order_by("pk")]
    if len(entrants) < 2:
        raise TooFewEntrants
    rounds = (len(entrants) - 1).bit_length()
    record(TournamentStarted(tournament_id=tournament.pk, entrants=len(entrants), rounds=rounds))
    bracket_create(tournament_id=tournament.pk, entrants=entrants)
    return tournament


@transaction.atomic
def tournament_cancel(*, tournament_id: int, organizer: User) -> Tournament:
    """Marks every entry fee that was paid as refunded. Raises what `_of_organizer` does,
    WrongState."""
    tournament = _of_organizer(tournament_id, organizer)
    _move(tournament, Status.CANCELLED)
    _drop(tournament, *Registration.HOLDS_SEAT, refund=True)
    record(TournamentCancelled(tournament_id=tournament.pk))
    return tournament


def tournament_complete(*, tournament_id: int, champion: Person) -> None:
    """Crowns the champion. Call inside the final's transaction. Raises WrongState."""
    tournament = Tournament.objects.select_for_update().get(pk=tournament_id)
    tournament.champion_id = champion["id"]
    _move(tournament, Status.COMPLETED)
    record(TournamentCompleted(tournament_id=tournament_id, champion=champion))


def person(user: User) -> Person:
    return {"id": user.pk, "username": user.username}


def _of_organizer(tournament_id: int, organizer: User) -> Tournament:
    """The tournament, locked. Raises TournamentNotFound, NotYourTournament."""
    tournament = Tournament.objects.select_for_update().filter(pk=tournament_id).first()
    if tournament is None:
        raise TournamentNotFound
    if tournament.organizer_id != organizer.pk:
        raise NotYourTournament
    return tournament


def _move(tournament: Tournament, status: Tournament.Status) -> None:
    if status not in MOVES[Status(tournament.status)]:
        raise WrongState
    tournament.status = status
    tournament.save(update_fields=["status", "champion"])


def _drop(tournament: Tournament, *statuses: Registration.Status, refund: bool) -> None:
    """Takes registrations out of the tournament, and settles what they owe. Without `refund`, who
    has paid in this very moment stays in."""
    dropped = tournament.registrations.filter(status__in=statuses).order_by("pk")
    for registration in dropped:
        if not invoice_void(registration_id=registration.pk, refund=refund):
            continue
        registration.status = Registration.Status.CANCELLED
        registration.save(update_fields=["status"])
