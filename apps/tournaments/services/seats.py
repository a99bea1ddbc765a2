"""Seats: taken, confirmed, released and filled from the waiting list. Call with the tournament
locked."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.events.recording import record
from apps.payments.services import invoice_create, invoice_void
from apps.tournaments import events
from apps.tournaments.exceptions import RegistrationOver, RosterTooSmall
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.selectors import seats_free
from apps.tournaments.services.rosters import roster_lock

Status = Registration.Status


def seats_fill(tournament: Tournament) -> int:
    """Gives free seats to the waiting list, in registration order; during check-in only to
    standbys. Returns the number of seats."""
    free = seats_free(tournament)
    if free <= 0:
        return 0
    waiting = registrations_in(tournament, Status.WAITLISTED)
    if tournament.status == Tournament.Status.CHECK_IN:
        waiting = [registration for registration in waiting if registration.stands_by]
    promoted = waiting[:free]
    for registration in promoted:
        record(events.RegistrationPromoted.of(registration))
        seat_take(registration)
    return len(promoted)


def seat_take(registration: Registration) -> None:
    """Confirms a free seat, or creates an invoice for one with an entry fee."""
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
    """During check-in this also checks in. A team with too few players can still check in later."""
    registration.status = Status.CONFIRMED
    registration.save(update_fields=["status"])
    record(events.RegistrationConfirmed.of(registration))
    if registration.tournament.status == Tournament.Status.CHECK_IN:
        # The payment must not fail because of the roster.
        with suppress(RosterTooSmall), transaction.atomic():
            seat_check_in(registration)


def seat_check_in(registration: Registration) -> None:
    """Raises RosterTooSmall, RegistrationOver if the seat was released concurrently. The caller
    must roll back.

    A payment checks in without the tournament's lock. The event locks the tournament's stream, so
    the roster is locked after it: two teams that share a player take turns.
    """
    confirmed = Registration.objects.filter(pk=registration.pk, status=Status.CONFIRMED)
    if not confirmed.update(status=Status.CHECKED_IN):
        raise RegistrationOver
    record(events.RegistrationCheckedIn.of(registration))
    roster_lock(registration)
    registration.status = Status.CHECKED_IN


def seats_settle(
    registrations: list[Registration], status: Registration.Status, *, refund: bool
) -> bool:
    """Releases seats and voids their invoices. Without `refund`, a registration that was paid
    concurrently keeps its seat. Returns whether a seat was released.

    Call before the transaction's first event of the tournament: like a payment, this locks invoices
    before the event stream."""
    left = [row for row in registrations if invoice_void(registration_id=row.pk, refund=refund)]
    for registration in left:
        registration.refresh_from_db(fields=["status"])
        if registration.status != Status.REFUNDED:  # the more precise status
            _leave(registration, status)
    return bool(left)


def seats_drop(registrations: list[Registration], status: Registration.Status) -> None:
    """Releases seats without a refund."""
    for registration in registrations:
        _leave(registration, status)


def rosters_lock(tournament: Tournament) -> None:
    """Locks every roster. A team without enough players becomes a no-show."""
    for registration in registrations_in(tournament, *Registration.PAID):
        try:
            roster_lock(registration)
        except RosterTooSmall:
            _leave(registration, Status.NO_SHOW)


def registrations_in(tournament: Tournament, *statuses: str) -> list[Registration]:
    """In registration order."""
    rows = tournament.registrations.filter(status__in=statuses).order_by("pk")
    registrations = list(rows.select_related("player", "team__game"))
    for registration in registrations:
        registration.tournament = tournament
    return registrations


def _leave(registration: Registration, status: Registration.Status) -> None:
    registration.status = status
    registration.save(update_fields=["status"])
    if status != Status.CANCELLED:  # the tournament's own event covers it
        record(events.RegistrationLeft.of(registration, status=str(status)))
