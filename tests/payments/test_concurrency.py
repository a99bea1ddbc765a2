"""Many at once, on a real Postgres: in threads, and through a real web process."""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from apps.events.models import EventRecord
from apps.payments.models import Payment, Posting, Refund, WebhookEvent
from apps.payments.services import coins_transfer, refund_create, wallet_issuer, wallet_of
from apps.payments.tasks import sandbox_deliver
from tests import factories
from tests.api.served import Served, served
from tests.payments.event_helpers import stripe_charge, tell_stripe
from tests.stack.conftest import execute
from tests.threads import at_once

pytestmark = pytest.mark.postgres
IN_THREADS = pytest.mark.django_db(transaction=True)


def paid(token: str = "tok_visa") -> Payment:
    registration = factories.register(factories.make_tournament(entry_fee=1000))
    factories.pay(registration, token)
    return Payment.objects.get()


@IN_THREADS
def test_no_more_goes_back_than_came_however_many_ask() -> None:
    payment = paid()
    found = at_once(*[partial(refund_create, payment_id=payment.pk, amount=300)] * 20, threads=8)
    assert [one for one in found if isinstance(one, str)] == ["refund_too_large"] * 17
    assert sum(Refund.objects.values_list("amount", flat=True)) == 900


@IN_THREADS
def test_one_event_told_by_many_at_once_has_one_effect() -> None:
    payment = paid("tok_slow")
    body = stripe_charge(payment, event_id="evt_1")
    results = at_once(*[lambda: tell_stripe(body).json()["result"]] * 40, threads=8)
    assert Counter(results) == {"applied": 1, "duplicate": 39}
    assert WebhookEvent.objects.count() == 1
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1
    assert Posting.objects.count() == 2


@IN_THREADS
def test_webhook_and_request_settle_it_once() -> None:
    for _ in range(5):
        registration = factories.register(factories.make_tournament(entry_fee=1000))
        at_once(partial(factories.pay, registration), sandbox_deliver, sandbox_deliver)
        sandbox_deliver()
    assert set(Payment.objects.values_list("status", flat=True)) == {"succeeded"}
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 5
    assert Posting.objects.count() == 10


@IN_THREADS
def test_two_wallets_that_pay_each_other_do_not_wait_for_ever_nor_go_below_zero() -> None:
    one, other = (wallet_of(factories.make_user()) for _ in range(2))
    for number, wallet in enumerate((one, other)):
        coins_transfer(key=f"prize:{number}", source=wallet_issuer(), destination=wallet, coins=50)

    def pay(number: int) -> bool:
        source, destination = (one, other) if number % 2 else (other, one)
        return coins_transfer(key=f"k:{number}", source=source, destination=destination, coins=30)

    found = Counter(at_once(*(partial(pay, number) for number in range(60)), threads=8))
    assert found.keys() <= {True, "insufficient_coins"}
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.balance + other.balance, min(one.balance, other.balance) >= 0) == (100, True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    name = f"payments_{uuid.uuid4().hex[:8]}"
    execute(f"CREATE DATABASE {name}", "postgres")
    database: dict[str, Any] = {key: os.environ[key] for key in ("DB_HOST", "DB_PORT", "DB_USER")}
    with served(tmp_path, **database, DB_NAME=name) as running:
        yield running
    execute(f"DROP DATABASE {name} WITH (FORCE)", "postgres")


def ask(server: Served, query: str) -> Any:
    where = {"host": "DB_HOST", "port": "DB_PORT", "user": "DB_USER", "dbname": "DB_NAME"}
    target = " ".join(f"{key}={server.environment[name]}" for key, name in where.items())
    with psycopg.connect(target) as database:
        [answer] = database.execute(query.encode()).fetchone() or [None]
        return answer


@pytest.mark.parametrize("token", ["tok_visa", "tok_duplicate"])
def test_a_hundred_posts_under_one_key_are_one_charge_one_entry_and_one_count(
    server: Served, token: str
) -> None:
    tournament = server.opened(server.player(), entry_fee=500)
    player = server.player()
    seat = server.post(f"/api/tournaments/{tournament}/registrations", by=player)
    body = {"registration_id": seat["id"], "method": "STRIPE", "token": token}
    headers = player | {"Idempotency-Key": "one"}

    def post(_: int) -> httpx.Response:
        return httpx.post(f"{server.origin}/api/payments/", json=body, headers=headers, timeout=60)

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(post, range(100)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    paid = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in paid}) == 1
    refused = {answer.json()["error"]["code"] for answer in answers if answer not in paid}
    assert refused <= {"payment_in_progress"}
    assert post(0).content == paid[0].content

    assert ask(server, "SELECT count(*) FROM payments_sandboxcharge") == 1
    assert ask(server, "SELECT count(*) FROM payments_payment") == 1
    assert ask(server, "SELECT count(*) FROM payments_transfer") == 1
    assert ask(server, "SELECT count(*) FROM events_eventrecord WHERE name LIKE 'payment.%ed'") == 2
    assert server.value("payments_started_total", method="STRIPE") == 1
    assert server.value("payments_processed_total", method="STRIPE", status="SUCCESS") == 1
    assert server.value("payments_processed_total", method="STRIPE", status="FAILED") == 0
