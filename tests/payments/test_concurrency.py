"""Concurrent requests on Postgres: in threads, and through a web process."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from apps.events.models import EventRecord
from apps.payments.models import Payment, Posting, Refund, WebhookEvent
from apps.payments.services import refund_create
from apps.payments.tasks import sandbox_deliver
from tests import factories
from tests.api.served import Served, serving
from tests.payments.event_helpers import post_stripe, stripe_charge
from tests.stacks import execute, on_postgres
from tests.threads import run_concurrently

pytestmark = pytest.mark.postgres
IN_THREADS = pytest.mark.django_db(transaction=True)


@IN_THREADS
def test_concurrent_refunds_do_not_exceed_the_charge(payment: Payment) -> None:
    results = run_concurrently(
        *[partial(refund_create, payment_id=payment.pk, amount=300)] * 20, threads=8
    )
    codes = [result for result in results if isinstance(result, str)]
    assert codes == ["refund_too_large"] * 17
    assert sum(Refund.objects.values_list("amount", flat=True)) == 900


@IN_THREADS
def test_concurrent_deliveries_of_one_event_have_one_effect(slow_payment: Payment) -> None:
    body = stripe_charge(slow_payment, event_id="evt_1")
    results = run_concurrently(*[lambda: post_stripe(body).json()["result"]] * 40, threads=8)
    assert Counter(results) == {"applied": 1, "duplicate": 39}
    assert WebhookEvent.objects.count() == 1
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 1
    assert Posting.objects.count() == 2


@IN_THREADS
def test_a_webhook_and_its_request_settle_a_payment_once() -> None:
    for _ in range(5):
        registration = factories.register(factories.make_tournament(entry_fee=1000))
        run_concurrently(partial(factories.pay, registration), sandbox_deliver, sandbox_deliver)
        sandbox_deliver()
    assert set(Payment.objects.values_list("status", flat=True)) == {"succeeded"}
    assert EventRecord.objects.filter(name="payment.succeeded").count() == 5
    assert Posting.objects.count() == 10


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with on_postgres(tmp_path) as stack, serving(stack) as running:
        yield running


@pytest.mark.parametrize("token", ["tok_visa", "tok_duplicate"])
def test_a_hundred_concurrent_requests_with_one_key_are_one_charge_and_one_transfer(
    server: Served, token: str
) -> None:
    tournament = server.opened(server.player(), entry_fee=500)
    player = server.player()
    registration = server.post(f"/api/tournaments/{tournament}/registrations", by=player)
    body = {"registration_id": registration["id"], "method": "STRIPE", "token": token}
    headers = player | {"Idempotency-Key": "one"}

    def post(_: int) -> httpx.Response:
        return httpx.post(f"{server.origin}/api/payments/", json=body, headers=headers, timeout=180)

    with ThreadPoolExecutor(100) as pool:
        responses = list(pool.map(post, range(100)))
    assert {response.status_code for response in responses} <= {201, 409}
    created = [response for response in responses if response.status_code == 201]
    assert len({response.content for response in created}) == 1
    refused = {
        response.json()["error"]["code"] for response in responses if response not in created
    }
    assert refused <= {"payment_in_progress"}
    assert post(0).content == created[0].content

    database = server.stack.environment["DB_NAME"]
    for table in ("sandboxcharge", "payment", "transfer"):
        assert execute(f"SELECT count(*) FROM payments_{table}", database) == 1
    events = "SELECT count(*) FROM events_eventrecord WHERE name LIKE 'payment.%ed'"
    assert execute(events, database) == 2
    assert server.value("payments_started_total", method="STRIPE") == 1
    assert server.value("payments_processed_total", method="STRIPE", status="SUCCESS") == 1
    assert server.value("payments_processed_total", method="STRIPE", status="FAILED") == 0
