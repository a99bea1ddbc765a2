"""Players, organizers, providers and the clock, all at once, on a real Postgres: whatever each is
refused, nobody is in anybody's way, and seats, money and events agree in the end."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import DomainError
from apps.events.audit import chain
from apps.matches.models import Match
from apps.matches.services import match_forfeit, match_report
from apps.payments.models import Payment, Refund, SandboxCharge, SandboxWebhook
from apps.payments.services import (
    ledger_check,
    payment_create,
    payments_resume,
    refund_create,
    refunds_resume,
)
from apps.payments.tasks import sandbox_deliver
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SECONDS = 12
THREADS = 8
KEPT = ("succeeded", "partially_refunded")
TOKENS = ("tok_visa", "tok_visa", "tok_slow", "tok_timeout", "tok_duplicate", "tok_out_of_order")


class NothingThere(Exception):
    """To be done something to."""


class World:
    """Each of `actions` is done to what chance gives it, or to nothing where there is none."""

    def __init__(self, chance: random.Random, players: list[User], organizer: User) -> None:
        self.chance, self.players, self.organizer = chance, players, organizer
        self.actions = (
            *[self.enter, self.pay] * 4,
            *[self.withdraw, self.check_in, self.report, self.forfeit, self.refund] * 2,
            *[self.move, self.edit, self.let_time_pass, self.deliver],
        )

    def any(self, rows: QuerySet[Any]) -> Any:
        """Raises NothingThere."""
        found = rows.order_by("?").first()
        if found is None:
            raise NothingThere
        return found

    def tournament(self) -> Any:
        return self.any(Tournament.objects.exclude(status__in=["completed", "cancelled"]))

    def registration(self, *statuses: str) -> Any:
        return self.any(Registration.objects.select_related("player").filter(status__in=statuses))

    def enter(self) -> None:
        services.registration_create(
            tournament_id=self.tournament().pk, player=self.chance.choice(self.players)
        )

    def pay(self) -> None:
        owes = self.registration("pending_payment")
        payment_create(
            payer=owes.player,
            registration_id=owes.pk,
            method=self.chance.choice(["STRIPE", "PAYPAL"]),
            source=self.chance.choice(TOKENS),
            idempotency_key=str(self.chance.random()),
        )

    def withdraw(self) -> None:
        leaves = self.registration(*Registration.ACTIVE)
        services.registration_withdraw(registration_id=leaves.pk, player=leaves.player)

    def check_in(self) -> None:
        comes = self.registration("confirmed", "waitlisted")
        services.registration_check_in(registration_id=comes.pk, player=comes.player)

    def move(self) -> None:
        moves: tuple[Callable[..., Tournament], ...] = (
            services.tournament_check_in_open,
            services.tournament_no_shows_drop,
            services.tournament_start,
            services.tournament_start,
            services.tournament_cancel,
        )
        self.chance.choice(moves)(tournament_id=self.tournament().pk, organizer=self.organizer)

    def edit(self) -> None:
        services.tournament_edit(
            tournament_id=self.tournament().pk,
            organizer=self.organizer,
            capacity=self.chance.choice([2, 3, 4, 8]),
        )

    def report(self) -> None:
        match = self.any(Match.objects.filter(status__in=["ready", "reported"]))
        side = self.chance.choice([match.entrant_a, match.entrant_b])
        match_report(match_id=match.pk, player=side.player, score=(2, 0))

    def forfeit(self) -> None:
        match = self.any(Match.objects.filter(status__in=Match.OPEN))
        match_forfeit(match_id=match.pk, by=match.entrant_a.player)

    def refund(self) -> None:
        paid = self.any(Payment.objects.filter(status__in=["succeeded", "partially_refunded"]))
        refund_create(payment_id=paid.pk, amount=self.chance.choice([None, 100]))

    def let_time_pass(self) -> None:
        late = self.registration("pending_payment")
        Registration.objects.filter(pk=late.pk).update(pay_until=timezone.now())
        services.tournaments_tick()
        services.prizes_sweep()

    def deliver(self) -> None:
        sandbox_deliver()
        payments_resume()
        refunds_resume()


def live(world: World, until: float) -> None:
    try:
        while time.monotonic() < until:
            with suppress(DomainError, NothingThere):
                world.chance.choice(world.actions)()
    finally:
        connection.close()


def settle() -> None:
    """What tasks and webhooks would have done after a while."""
    for _ in range(3):
        long_ago = timezone.now() - timedelta(minutes=5)
        Payment.objects.filter(status__in=Payment.OPEN).update(last_polled_at=long_ago)
        Refund.objects.filter(status=Refund.Status.PENDING).update(last_polled_at=long_ago)
        SandboxWebhook.objects.update(due_at=long_ago)
        SandboxCharge.objects.update(settles_at=long_ago)
        sandbox_deliver()
        payments_resume()
        refunds_resume()


def test_seats_money_and_events_agree_after_everything_at_once(settings: Any) -> None:
    settings.RATE_LIMITS = {}
    organizer, *players = (factories.make_user() for _ in range(11))
    for number in range(16):
        factories.make_tournament(
            organizer,
            capacity=2 + number % 4,
            entry_fee=500 * (number % 3),
            check_in_minutes=30 * (number % 2),
            prize_coins=100,
        )
    until = time.monotonic() + SECONDS
    worlds = [World(random.Random(seed), players, organizer) for seed in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda world: live(world, until), worlds))
    settle()
    assert ledger_check()[:2] == (0, 0)
    for tournament in Tournament.objects.all():
        assert chain.first_fault(f"tournament:{tournament.pk}") is None
        seated = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT)
        assert seated.count() <= tournament.capacity
    for registration in Registration.objects.filter(tournament__entry_fee__gt=0):
        kept = Payment.objects.filter(invoice__registration=registration, status__in=KEPT).count()
        has_begun = registration.tournament.status in ("live", "completed")
        if registration.status in Registration.PAID:
            assert kept == 1 or has_begun  # who plays and had it back plays on
        else:
            assert not kept or registration.status == "no_show"
