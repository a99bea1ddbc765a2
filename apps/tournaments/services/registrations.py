"""Who takes part: a seat is held from registration on, and confirmed once it is paid for."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from apps.accounts.models import User
from apps.core import metrics
from apps.core.events import record
from apps.core.exceptions import Conflict
from apps.payments.services import invoice_create
from apps.tournaments.events import RegistrationConfirmed, RegistrationCreated, RegistrationEvent
from apps.tournaments.exceptions import (
    AlreadyRegistered,
    RegistrationClosed,
    TournamentFull,
    TournamentNotFound,
)
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.life_cycle import person


def registration_create(*, tournament_id: int, player: User) -> Registration:
    """Takes a seat: confirmed where it is free of charge, else with an invoice to pay. Raises
    TournamentNotFound, RegistrationClosed, AlreadyRegistered, TournamentFull."""
    with _refusals_counted(tournament_id), transaction.atomic():
        tournament = Tournament.objects.select_for_update().filter(pk=tournament_id).first()
        if tournament is None:
            raise TournamentNotFound
        _check_seat(tournament, player)
        registration = Registration.objects.create(
            tournament=tournament, player=player, status=Registration.Status.PENDING_PAYMENT
        )
        record(_event(RegistrationCreated, registration))
        if tournament.entry_fee:
            invoice_create(
                registration_id=registration.pk,
                payer=player,
                amount=tournament.entry_fee,
                currency=tournament.currency,
            )
        else:
            _confirm(registration)
    return registration


def registration_confirm(*, registration_id: int) -> None:
    """Call inside the transaction of the payment."""
    locked = Registration.objects.select_for_update()
    registration = locked.get(pk=registration_id)
    _confirm(registration)


def _check_seat(tournament: Tournament, player: User) -> None:
    if tournament.status != Tournament.Status.REGISTRATION_OPEN:
        raise RegistrationClosed
    if tournament.registrations.filter(player=player).exists():
        raise AlreadyRegistered
    taken = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT).count()
    if taken >= tournament.capacity:
        raise TournamentFull


def _confirm(registration: Registration) -> None:
    registration.status = Registration.Status.CONFIRMED
    registration.save(update_fields=["status"])
    record(_event(RegistrationConfirmed, registration))


def _event(event: type[RegistrationEvent], registration: Registration) -> RegistrationEvent:
    return event(
        tournament_id=registration.tournament_id,
        registration_id=registration.pk,
        player=person(registration.player),
        game_title=registration.tournament.game_title,
    )


@contextmanager
def _refusals_counted(tournament_id: int) -> Iterator[None]:
    """A refused sign-up changes nothing, so there is no event to count it by."""
    try:
        yield
    except Conflict:
        counter = metrics.tournament_registrations
        metrics.tournaments.inc_known(counter, tournament_id, status="FAILED")
        raise
