"""Scheduled changes. Each can run repeatedly and late."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
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
Tournaments = QuerySet[Tournament]
REMIND_BEFORE = timedelta(minutes=15)
BATCH_SIZE = 200


def tournaments_tick() -> int:
    """Opens registration and check-in, sends reminders, expires unpaid seats and fills free seats
    from the waiting list. Returns the number of changed tournaments. Raises BatchIncomplete."""
    now = timezone.now()
    due = {pk for find, _ in STEPS for pk in find(now).values_list("pk", flat=True)}
    tournaments = Tournament.objects.filter(pk__in=due)
    return run_row_batch(tournaments, tournament_advance, name="schedule", batch_size=BATCH_SIZE)


@transaction.atomic
def tournament_advance(tournament_id: int) -> bool:
    """Applies the changes that are due. Returns whether there were any."""
    tournament, now = tournament_locked(tournament_id), timezone.now()
    changes = [
        apply(tournament) is not False
        for find, apply in STEPS
        if find(now).filter(pk=tournament_id).exists()
    ]
    return any(changes)


def _to_expire(now: datetime) -> Tournaments:
    return Tournament.objects.filter(
        registrations__status=Registration.Status.PENDING_PAYMENT, registrations__pay_until__lte=now
    )


def _expire(tournament: Tournament) -> bool:
    """Skips registrations whose payment is still processing."""
    pending = registrations_in(tournament, Registration.Status.PENDING_PAYMENT)
    late = [row for row in pending if row.pay_until and row.pay_until <= timezone.now()]
    paying = registrations_with_open_payment(registrations=[row.pk for row in late])
    unpaid = [row for row in late if row.pk not in paying]
    return seats_settle(unpaid, Registration.Status.EXPIRED, refund=False)


def _to_open(now: datetime) -> Tournaments:
    return Tournament.objects.filter(status=Status.DRAFT, registration_opens_at__lte=now)


def _to_check_in(now: datetime) -> Tournaments:
    # The cast is for SQLite, where Django multiplies no small integer by a duration.
    minutes = Cast("check_in_minutes", models.IntegerField()) * Value(timedelta(minutes=1))
    window = ExpressionWrapper(minutes, output_field=models.DurationField())
    tournaments = Tournament.objects.filter(status=Status.REGISTRATION_OPEN, check_in_minutes__gt=0)
    return tournaments.alias(check_in_at=F("starts_at") - window).filter(check_in_at__lte=now)


def _to_remind(now: datetime) -> Tournaments:
    return Tournament.objects.filter(
        status__in=Tournament.BEFORE_START,
        reminded_at=None,
        starts_at__gt=now,
        starts_at__lte=now + REMIND_BEFORE,
    )


def _remind(tournament: Tournament) -> None:
    assert tournament.starts_at is not None
    tournament.reminded_at = timezone.now()
    tournament.save(update_fields=["reminded_at"])
    starts_at = tournament.starts_at.isoformat()
    record(TournamentReminded(tournament_id=tournament.pk, starts_at=starts_at))


def _to_fill(now: datetime) -> Tournaments:
    """Tournaments with a free seat and a waiting list. Full ones would only use up the batch."""
    waits = Registration.objects.filter(
        Q(stands_by=True) | Q(tournament__status=Status.REGISTRATION_OPEN),
        tournament=OuterRef("pk"),
        status=Registration.Status.WAITLISTED,
    )
    seated = Count("registrations", filter=Q(registrations__status__in=Registration.HOLDS_SEAT))
    upcoming = Tournament.objects.filter(Exists(waits), status__in=Tournament.BEFORE_START)
    return upcoming.annotate(seated=seated).filter(seated__lt=F("capacity"))


# In this order: `_expire` comes before any event, see `seats_settle`. Each condition is checked
# before the tournament is locked, and again with the lock.
STEPS: tuple[tuple[Callable[[datetime], Tournaments], Callable[[Tournament], object]], ...] = (
    (_to_expire, _expire),
    (_to_open, open_now),
    (_to_check_in, check_in_now),
    (_to_remind, _remind),
    (_to_fill, seats_fill),
)
