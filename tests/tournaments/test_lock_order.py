"""Locking a tournament and settling a payment cause no deadlock, on Postgres."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment
from apps.payments.selectors import wallet_balance
from apps.payments.services.settlement import payment_settle
from apps.payments.services.transitions import locked_payment
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories
from tests.threads import run_concurrently
from tests.tournaments.steps import by_organizer, check_in, status

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
HEAD_START_SECONDS = 0.5


def status_after_payment_during(registration: Registration, job: Callable[[], object]) -> str:
    """Runs the job while a payment has locked its invoice and is about to succeed. Returns the
    status of the registration."""
    factories.pay(registration, source="tok_slow")
    payment_id = Payment.objects.get(invoice__registration=registration).pk
    is_locked = threading.Event()

    def settle() -> None:
        with transaction.atomic():
            locked_payment(payment_id)
            is_locked.set()
            time.sleep(HEAD_START_SECONDS)
            payment_settle(payment_id=payment_id, result=ProviderResult(outcome=Outcome.SUCCEEDED))

    def run_job() -> None:
        is_locked.wait()
        job()

    assert run_concurrently(settle, run_job) == [None, None]
    return status(registration)


def test_a_payment_during_the_start_is_in_time() -> None:
    tournament = factories.make_tournament(entry_fee=1000, check_in_minutes=30)
    paying, absent, *present = (factories.register(tournament) for _ in range(4))
    for registration in (absent, *present):
        factories.pay(registration)
    by_organizer(services.tournament_check_in_open, tournament)
    for registration in present:
        check_in(registration)
    start = partial(by_organizer, services.tournament_start, tournament)
    assert status_after_payment_during(paying, start) == "checked_in"


def test_a_payment_while_its_deadline_passes_and_check_in_opens_is_in_time() -> None:
    tournament = factories.make_tournament(entry_fee=1000)
    registration = factories.register(tournament)
    soon = timezone.now() + timedelta(minutes=10)
    Tournament.objects.update(check_in_minutes=30, starts_at=soon)

    def pass_deadline() -> None:
        Registration.objects.update(pay_until=timezone.now())
        services.tournaments_tick()

    assert status_after_payment_during(registration, pass_deadline) == "checked_in"


def test_tournaments_with_the_same_players_pay_prizes_concurrently() -> None:
    players = [factories.make_user() for _ in range(6)]
    tournaments = [
        factories.make_tournament(prize_coins=1000, prize_split=[50, 30, 20]) for _ in range(6)
    ]
    for number, tournament in enumerate(tournaments):
        for player in players[number:] + players[:number]:
            factories.register(tournament, player)
        by_organizer(services.tournament_start, tournament)
        factories.play_all(tournament)
    jobs = (partial(services.prize_pay, tournament_id=row.pk) for row in tournaments)
    assert run_concurrently(*jobs) == [True] * 6
    assert sum(wallet_balance(owner=player) for player in players) == 6000
