"""Random concurrent actions of players, organizers, providers and the clock, on Postgres. Actions
may be rejected; afterwards seats, money and events agree."""

import random
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
from apps.payments import services as payments
from apps.payments.models import Payment, Refund, SandboxCharge, SandboxWebhook
from apps.payments.tasks import sandbox_deliver
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories
from tests.tournaments.steps import by_organizer, check_in, withdraw

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ACTIONS = 35  # of each thread
THREADS = 8
KEPT = ("succeeded", "partially_refunded")
TRANSITIONS: tuple[Callable[..., Tournament], ...] = (
    services.tournament_check_in_open, services.tournament_no_shows_drop,
    services.tournament_start, services.tournament_start, services.tournament_cancel,
)  # fmt: skip
TOKENS = ("tok_visa", "tok_visa", "tok_slow", "tok_timeout", "tok_duplicate", "tok_out_of_order")


class NoMatchingRow(Exception):
    """The action has no row to apply to."""


class Actor:
    """Applies random `actions` to random rows."""

    def __init__(self, rng: random.Random, players: list[User]) -> None:
        self.rng, self.players = rng, players
        self.actions = (
            *[self.register, self.pay] * 4,
            *[self.withdraw, self.check_in, self.report, self.forfeit, self.refund] * 2,
            *[self.advance, self.edit, self.expire_payment, run_tasks],
        )

    def run(self) -> None:
        try:
            for _ in range(ACTIONS):
                with suppress(DomainError, NoMatchingRow):
                    self.rng.choice(self.actions)()
        finally:
            connection.close()

    def any(self, rows: QuerySet[Any]) -> Any:
        """Raises NoMatchingRow."""
        row = rows.order_by("?").first()
        if row is None:
            raise NoMatchingRow
        return row

    def tournament(self) -> Any:
        running = Tournament.objects.exclude(status__in=["completed", "cancelled"])
        return self.any(running.select_related("organizer"))

    def registration(self, *statuses: str) -> Any:
        return self.any(Registration.objects.select_related("player").filter(status__in=statuses))

    def register(self) -> None:
        factories.register(self.tournament(), self.rng.choice(self.players))

    def pay(self) -> None:
        registration = self.registration("pending_payment")
        token, method = self.rng.choice(TOKENS), self.rng.choice(["STRIPE", "PAYPAL"])
        factories.pay(registration, token, key=str(self.rng.random()), method=method)

    def withdraw(self) -> None:
        withdraw(self.registration(*Registration.ACTIVE))

    def check_in(self) -> None:
        check_in(self.registration("confirmed", "waitlisted"))

    def advance(self) -> None:
        by_organizer(self.rng.choice(TRANSITIONS), self.tournament())

    def edit(self) -> None:
        capacity = self.rng.choice([2, 3, 4, 8])
        by_organizer(services.tournament_edit, self.tournament(), capacity=capacity)

    def report(self) -> None:
        match = self.any(Match.objects.filter(status__in=["ready", "reported"]))
        side = self.rng.choice([match.entrant_a, match.entrant_b])
        match_report(match_id=match.pk, player=side.player, score=(2, 0))

    def forfeit(self) -> None:
        match = self.any(Match.objects.filter(status__in=Match.OPEN))
        match_forfeit(match_id=match.pk, by=match.entrant_a.player)

    def refund(self) -> None:
        paid = self.any(Payment.objects.filter(status__in=KEPT))
        payments.refund_create(payment_id=paid.pk, amount=self.rng.choice([None, 100]))

    def expire_payment(self) -> None:
        unpaid = self.registration("pending_payment")
        Registration.objects.filter(pk=unpaid.pk).update(pay_until=timezone.now())
        services.tournaments_tick()
        services.prizes_sweep()


def run_tasks() -> None:
    sandbox_deliver()
    payments.payments_resume()
    payments.refunds_resume()


def settle() -> None:
    """Runs the tasks and webhooks that are due within minutes."""
    for _ in range(3):
        earlier = timezone.now() - timedelta(minutes=5)
        Payment.objects.filter(status__in=Payment.OPEN).update(last_polled_at=earlier)
        Refund.objects.filter(status=Refund.Status.PENDING).update(last_polled_at=earlier)
        SandboxWebhook.objects.update(due_at=earlier)
        SandboxCharge.objects.update(settles_at=earlier)
        run_tasks()


def test_seats_money_and_events_agree_after_random_concurrent_actions(settings: Any) -> None:
    settings.RATE_LIMITS = {}
    organizer, *players = (factories.make_user() for _ in range(11))
    for number in range(16):
        factories.make_tournament(
            organizer, capacity=2 + number % 4, entry_fee=500 * (number % 3),
            check_in_minutes=30 * (number % 2), prize_coins=100,
        )  # fmt: skip
    actors = [Actor(random.Random(seed), players) for seed in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(Actor.run, actors))
    settle()
    assert payments.ledger_check()[:2] == (0, 0)
    for tournament in Tournament.objects.all():
        assert chain.first_fault(f"tournament:{tournament.pk}") is None
        seated = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT)
        assert seated.count() <= tournament.capacity
    for registration in Registration.objects.filter(tournament__entry_fee__gt=0):
        kept = Payment.objects.filter(invoice__registration=registration, status__in=KEPT).count()
        has_started = registration.tournament.status in ("live", "completed")
        if registration.status in Registration.PAID:
            assert kept == 1 or has_started  # a refund after the start keeps the seat
        else:
            assert not kept or registration.status == "no_show"
