"""Seats: held, paid for, given up, and given to who waits. Call with the tournament locked."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.events.recording import record
from apps.payments.services import invoice_create, invoice_void
from apps.tournaments.events import (
    RegistrationCheckedIn,
    RegistrationConfirmed,
    RegistrationLeft,
    RegistrationPromoted,
)
from apps.tournaments.exceptions import RegistrationOver, RosterTooSmall
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.selectors import seats_free
from apps.tournaments.services.rosters import roster_lock

Status = Registration.Status


def seats_fill(tournament: Tournament) -> int:
    """Gives free seats to who waits, first come, first served; during check-in, only to who has
    checked in. Returns how many."""
    free = seats_free(tournament)
    if free <= 0:
        return 0
    waiting = registrations_in(tournament, Status.WAITLISTED)
    if tournament.status == Tournament.Status.CHECK_IN:
        waiting = [one for one in waiting if one.stands_by]
    promoted = waiting[:free]
    for registration in promoted:
        record(RegistrationPromoted.of(registration))
        seat_take(registration)
    return len(promoted)


def seat_take(registration: Registration) -> None:
    """Confirmed where it is free of charge, else with an invoice to pay in time."""
    tournament = registration.tournament
    if not tournament.entry_fee:
        seat_confirm(registration)
        return
    registration.status = Status.PENDING_PAYMENT
    registration.pay_until = timezone.now() + timedelta(minutes=settings.REGISTRATION_PAY_MINUTES)
    registration.save(update_fields=["status", "pay_until"])
    invoice_create(
        registration_id=registration.pk,
        payer=registration.player,
        amount=tournament.entry_fee,
        currency=tournament.currency,
    )


def seat_confirm(registration: Registration) -> None:
    """Who is confirmed during check-in is there; a team that is short of players has until the
    start to find them."""
    registration.status = Status.CONFIRMED
    registration.save(update_fields=["status"])
    record(RegistrationConfirmed.of(registration))
    if registration.tournament.status == Tournament.Status.CHECK_IN:
        # Paid is paid, and others wait for this to end.
        with suppress(RosterTooSmall), transaction.atomic():
            seat_check_in(registration)


def seat_check_in(registration: Registration) -> None:
    """Raises RosterTooSmall, and RegistrationOver where the seat was given up in this moment. What
    raises is to be rolled back.

    A payment checks in without the tournament's lock. The event locks the tournament's stream for
    both, so the roster is locked after it: two that share a player take turns.
    """
    confirmed = Registration.objects.filter(pk=registration.pk, status=Status.CONFIRMED)
    if not confirmed.update(status=Status.CHECKED_IN):
        raise RegistrationOver
    record(RegistrationCheckedIn.of(registration))
    roster_lock(registration)
    registration.status = Status.CHECKED_IN


def seats_settle(
    registrations: list[Registration], status: Registration.Status, *, refund: bool
) -> bool:
    """They leave, and what they owe is settled. Without `refund`, who has paid in this very moment
    stays in. Returns whether anybody left. Call before the transaction's first event of the
    tournament: a payment locks its invoice, then the event stream, as this does."""
    left = [one for one in registrations if invoice_void(registration_id=one.pk, refund=refund)]
    for registration in left:
        registration.refresh_from_db(fields=["status"])
        if registration.status != Status.REFUNDED:  # by now, and it says more
            _leave(registration, status)
    return bool(left)


def seats_drop(registrations: list[Registration], status: Registration.Status) -> None:
    """They leave without their money, where they have paid."""
    for registration in registrations:
        _leave(registration, status)


def rosters_lock(tournament: Tournament) -> None:
    """Of all who play; a team that cannot field one is no show."""
    for registration in registrations_in(tournament, *Registration.PAID_FOR):
        try:
            roster_lock(registration)
        except RosterTooSmall:
            _leave(registration, Status.NO_SHOW)


def registrations_in(tournament: Tournament, *statuses: str) -> list[Registration]:
    """As they signed up."""
    found = tournament.registrations.filter(status__in=statuses).order_by("pk")
    registrations = list(found.select_related("player", "team__game"))
    for registration in registrations:
        registration.tournament = tournament
    return registrations


def _leave(registration: Registration, status: Registration.Status) -> None:
    registration.status = status
    registration.save(update_fields=["status"])
    if status != Status.CANCELLED:  # told with the tournament
        record(RegistrationLeft.of(registration, status=str(status)))
