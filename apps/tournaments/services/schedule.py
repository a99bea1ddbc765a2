"""Scheduled changes. Each can run repeatedly and late."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.core.celery.batches import run_row_batch
from apps.events.recording import record
from apps.payments.selectors import registrations_with_open_payment
from apps.tournaments.events import TournamentReminded
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.life_cycle import check_in_now, open_now
from apps.tournaments.services.locking import tournament_locked
from apps.tournaments.services.seats import registrations_in, seats_fill, seats_settle

Status = Tournament.Status
REMIND_BEFORE = timedelta(minutes=15)
BATCH_SIZE = 200


def tournaments_tick() -> int:
    """Opens registration and check-in, sends reminders, expires unpaid seats and fills free seats
    from the waiting list. Returns the number of changed tournaments. Raises BatchIncomplete."""
    due = Tournament.objects.filter(pk__in=_due(timezone.now()))
    return run_row_batch(due, tournament_advance, name="schedule", batch_size=BATCH_SIZE)


@transaction.atomic
def tournament_advance(tournament_id: int) -> bool:
    """Applies the changes that are due. Returns whether there were any."""
    tournament, now = tournament_locked(tournament_id), timezone.now()
    # `_expire` comes first, before any event: see `seats_settle`.
    changes = [step(tournament, now) for step in (_expire, _open, _check_in, _remind, _fill)]
    return any(changes)


def _open(tournament: Tournament, now: datetime) -> bool:
    opens_at = tournament.registration_opens_at
    if tournament.status != Status.DRAFT or opens_at is None or opens_at > now:
        return False
    open_now(tournament)
    return True


def _check_in(tournament: Tournament, now: datetime) -> bool:
    starts_at, minutes = tournament.starts_at, tournament.check_in_minutes
    if tournament.status != Status.REGISTRATION_OPEN or starts_at is None or not minutes:
        return False
    if starts_at - timedelta(minutes=minutes) > now:
        return False
    check_in_now(tournament)
    return True


def _remind(tournament: Tournament, now: datetime) -> bool:
    starts_at = tournament.starts_at
    if (
        tournament.status not in Tournament.BEFORE_START
        or starts_at is None
        or tournament.reminded_at
    ):
        return False
    if not starts_at - REMIND_BEFORE <= now < starts_at:
        return False
    tournament.reminded_at = now
    tournament.save(update_fields=["reminded_at"])
    record(TournamentReminded(tournament_id=tournament.pk, starts_at=starts_at.isoformat()))
    return True


def _expire(tournament: Tournament, now: datetime) -> bool:
    """Skips registrations whose payment is still processing."""
    pending = registrations_in(tournament, Registration.Status.PENDING_PAYMENT)
    late = [row for row in pending if row.pay_until and row.pay_until <= now]
    paying = registrations_with_open_payment(registrations=[row.pk for row in late])
    unpaid = [row for row in late if row.pk not in paying]
    return seats_settle(unpaid, Registration.Status.EXPIRED, refund=False)


def _fill(tournament: Tournament, now: datetime) -> bool:
    return tournament.status in Tournament.BEFORE_START and seats_fill(tournament) > 0


def _due(now: datetime) -> set[int]:
    """Candidates, checked again under the lock."""
    tournaments = Tournament.objects
    to_open = tournaments.filter(status=Status.DRAFT, registration_opens_at__lte=now)
    to_remind = tournaments.filter(
        status__in=Tournament.BEFORE_START,
        reminded_at=None,
        starts_at__gt=now,
        starts_at__lte=now + REMIND_BEFORE,
    )
    unpaid = tournaments.filter(
        registrations__status=Registration.Status.PENDING_PAYMENT,
        registrations__pay_until__lte=now,
    )
    querysets = (to_open, to_remind, unpaid, _to_fill())
    keys = {pk for rows in querysets for pk in rows.values_list("pk", flat=True)}
    return keys | _to_check_in(now)


def _to_fill() -> QuerySet[Tournament]:
    """Tournaments with a free seat and a waiting list. Full ones would only use up the batch."""
    waits = Registration.objects.filter(
        Q(stands_by=True) | Q(tournament__status=Status.REGISTRATION_OPEN),
        tournament=OuterRef("pk"),
        status=Registration.Status.WAITLISTED,
    )
    seated = Count("registrations", filter=Q(registrations__status__in=Registration.HOLDS_SEAT))
    upcoming = Tournament.objects.filter(Exists(waits), status__in=Tournament.BEFORE_START)
    return upcoming.annotate(seated=seated).filter(seated__lt=F("capacity"))


def _to_check_in(now: datetime) -> set[int]:
    """Computed in Python: arithmetic on minutes differs between the databases."""
    with_check_in = Tournament.objects.filter(
        status=Status.REGISTRATION_OPEN, check_in_minutes__gt=0, starts_at__isnull=False
    )
    windows = with_check_in.values_list("pk", "starts_at", "check_in_minutes")
    return {
        pk
        for pk, starts_at, minutes in windows
        if starts_at is not None and starts_at - timedelta(minutes=minutes) <= now
    }
