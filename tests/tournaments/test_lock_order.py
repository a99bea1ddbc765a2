"""What locks a tournament and what settles a payment do not lock each other out, on Postgres."""

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
from tests.threads import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LONGER_THAN_IT_TAKES_TO_BEGIN = 0.5


def while_a_payment_settles(registration: Registration, job: Callable[[], object]) -> str:
    """Runs the job while a payment has its invoice locked and is about to succeed.
    Returns what became of the registration."""
    factories.pay(registration, source="tok_slow")
    payment_id = Payment.objects.get(invoice__registration=registration).pk
    has_begun = threading.Event()

    def settle() -> None:
        with transaction.atomic():
            locked_payment(payment_id)
            has_begun.set()
            time.sleep(LONGER_THAN_IT_TAKES_TO_BEGIN)
            payment_settle(payment_id=payment_id, result=ProviderResult(outcome=Outcome.SUCCEEDED))

    def other() -> None:
        has_begun.wait()
        job()

    assert at_once(settle, other) == [None, None]
    registration.refresh_from_db()
    return registration.status


def moved(tournament: Tournament, move: Callable[..., Tournament]) -> Tournament:
    return move(tournament_id=tournament.pk, organizer=tournament.organizer)


def test_who_pays_as_the_tournament_starts_is_in() -> None:
    tournament = factories.make_tournament(entry_fee=1000, check_in_minutes=30)
    pays, absent, *present = (factories.register(tournament) for _ in range(4))
    for registration in (absent, *present):
        factories.pay(registration)
    moved(tournament, services.tournament_check_in_open)
    for registration in present:
        services.registration_check_in(registration_id=registration.pk, player=registration.player)
    start = partial(moved, tournament, services.tournament_start)
    assert while_a_payment_settles(pays, start) == "checked_in"


def test_who_pays_as_the_time_to_pay_ends_and_check_in_opens_is_in() -> None:
    tournament = factories.make_tournament(entry_fee=1000)
    registration = factories.register(tournament)
    soon = timezone.now() + timedelta(minutes=10)
    Tournament.objects.update(check_in_minutes=30, starts_at=soon)

    def time_ends() -> None:
        Registration.objects.update(pay_until=timezone.now())
        services.tournaments_tick()

    assert while_a_payment_settles(registration, time_ends) == "checked_in"


def test_two_tournaments_pay_the_same_players() -> None:
    players = [factories.make_user() for _ in range(6)]
    cups = [factories.make_tournament(prize_coins=1000, prize_split=[50, 30, 20]) for _ in range(6)]
    for number, cup in enumerate(cups):
        for player in players[number:] + players[:number]:
            factories.register(cup, player)
        services.tournament_start(tournament_id=cup.pk, organizer=cup.organizer)
        factories.play_all(cup)
    paying = (partial(services.prize_pay, tournament_id=cup.pk) for cup in cups)
    assert at_once(*paying) == [True] * 6
    assert sum(wallet_balance(owner=player) for player in players) == 6000
