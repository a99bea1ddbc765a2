"""Webhooks over HTTP: each event is stored once and applied once, in any order."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.payments.models import Payment, Posting, Wallet, WebhookEvent
from apps.payments.services import webhooks_retry
from tests import samples
from tests.payments.event_helpers import (
    REFUNDED,
    SUCCEEDED,
    event_names,
    post,
    post_stripe,
    stripe_charge,
    stripe_event,
    stripe_refund,
)
from tests.payments.stripe_double import StripeDouble
from tests.world import everything_stored

pytestmark = pytest.mark.django_db
REFUSED = (400, "webhook_refused")


@pytest.fixture
def payment(slow_payment: Payment) -> Payment:
    return slow_payment


def status(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


def balances() -> list[tuple[str, int]]:
    return list(Wallet.objects.order_by("pk").values_list("house", "balance"))


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_charge_confirms_the_registration(payment: Payment) -> None:
    response = post_stripe(stripe_charge(payment))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert status(payment) == "succeeded"
    assert payment.provider_id == f"pi_{payment.pk}"
    assert payment.invoice.registration.status == "confirmed"


def test_the_same_event_twenty_times_has_one_effect(payment: Payment, commit: Any) -> None:
    body = stripe_charge(payment, event_id="evt_1")
    before = samples.samples()
    with commit():
        results = [post_stripe(body).json()["result"] for _ in range(20)]
    after = samples.samples()

    def increase(name: str, **labels: str) -> float:
        series = (name, frozenset(labels.items()))
        return after[series] - before[series]

    assert results == ["applied"] + ["duplicate"] * 19
    assert event_names(payment) == SUCCEEDED
    assert WebhookEvent.objects.count() == 1
    assert Posting.objects.count() == 2
    assert increase("payments_processed_total", method="STRIPE", status="SUCCESS") == 1
    assert increase("webhooks_received_total", provider="STRIPE", result="applied") == 1
    assert increase("webhooks_received_total", provider="STRIPE", result="duplicate") == 19


def test_a_refund_of_an_unknown_charge_waits_for_it(payment: Payment) -> None:
    assert post_stripe(stripe_refund(payment, 1000)).json() == {"result": "waiting"}
    post_stripe(stripe_charge(payment))
    assert status(payment) == "succeeded"
    assert webhooks_retry() == 1
    assert status(payment) == "refunded"
    assert webhooks_retry() == 0


def test_events_of_another_application_do_not_starve_ours(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.payments.services.webhooks.BATCH_SIZE", 1)
    notification = {"event_id": "evt", "name": "charge.refunded", "refund_outcome": "succeeded"}
    for number in range(3):
        WebhookEvent.objects.create(
            provider="STRIPE", event_id=f"evt_{number}", name="other", notification=notification
        )
    post_stripe(stripe_refund(payment, 1000))
    post_stripe(stripe_charge(payment))
    webhooks_retry()
    assert status(payment) == "refunded"


def test_partial_refunds_from_stripes_dashboard_are_imported(payment: Payment) -> None:
    post_stripe(stripe_charge(payment))
    for _ in range(2):
        post_stripe(stripe_refund(payment, 300, "re_1"))
    assert status(payment) == "partially_refunded"
    post_stripe(stripe_refund(payment, 700, "re_2"))
    assert status(payment) == "refunded"
    assert sorted(payment.refunds.values_list("amount", flat=True)) == [300, 700]


def test_a_reversed_refund_is_due_again(payment: Payment) -> None:
    post_stripe(stripe_charge(payment))
    post_stripe(stripe_refund(payment, 1000))
    assert status(payment) == "refunded"
    reversal = stripe_refund(payment, 1000, status="failed", name="refund.failed")
    results = [post_stripe(reversal).json()["result"] for _ in range(2)]
    post_stripe(stripe_refund(payment, 1000, status="failed"))  # Stripe sends both names
    assert results == ["applied", "duplicate"]
    assert status(payment) == "refunding"
    assert payment.refunds.get().status == "failed"
    assert event_names(payment) == [*SUCCEEDED, *REFUNDED, "payment.refund_failed"]
    assert balances() == [("fees", -1000), ("STRIPE", 1000)]


def test_a_failed_refund_does_not_succeed_by_a_late_event(payment: Payment) -> None:
    post_stripe(stripe_charge(payment))
    post_stripe(stripe_refund(payment, 1000, status="failed"))
    post_stripe(stripe_refund(payment, 1000))
    assert status(payment) == "succeeded"
    assert payment.refunds.get().status == "failed"
    failed = ["payment.refund_started", "payment.refund_failed"]
    assert event_names(payment) == SUCCEEDED + failed


def test_a_reversed_partial_refund_restores_the_previous_status(payment: Payment) -> None:
    post_stripe(stripe_charge(payment))
    post_stripe(stripe_refund(payment, 300))
    post_stripe(stripe_refund(payment, 200, "re_2"))
    post_stripe(stripe_refund(payment, 300, status="failed"))
    assert status(payment) == "partially_refunded"
    post_stripe(stripe_refund(payment, 200, "re_2", status="failed"))
    assert status(payment) == "succeeded"
    assert balances() == [("fees", -1000), ("STRIPE", 1000)]


def test_a_success_after_a_failure_is_refunded(payment: Payment) -> None:
    post_stripe(stripe_charge(payment, "payment_failed"))
    assert status(payment) == "failed"
    post_stripe(stripe_charge(payment))
    assert status(payment) == "refunding"
    assert payment.refunds.get().amount == 1000
    assert "payment.succeeded" not in event_names(payment)


def test_an_event_about_anything_else_is_ignored(stripe: StripeDouble) -> None:
    assert post_stripe(stripe_event("customer.created", {})).json() == {"result": "ignored"}
    assert WebhookEvent.objects.get().status == "ignored"


def test_an_event_of_an_unknown_payment_is_ignored_after_three_days(payment: Payment) -> None:
    assert post_stripe(stripe_charge(Payment(pk=10**9))).json() == {"result": "waiting"}
    webhooks_retry()
    assert WebhookEvent.objects.get().status == "waiting"
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(days=4))
    webhooks_retry()
    assert WebhookEvent.objects.get().status == "ignored"
    assert status(payment) == "processing"


def test_an_event_of_stripe_does_not_apply_to_a_payment_by_paypal(payment: Payment) -> None:
    Payment.objects.update(method="PAYPAL")
    assert post_stripe(stripe_charge(payment)).json() == {"result": "waiting"}
    assert status(payment) == "processing"


@pytest.mark.parametrize("signed", [{"age": 301}, {"secret": "whsec_of_another_account"}])
def test_a_replayed_or_forged_event_is_refused(payment: Payment, signed: dict[str, Any]) -> None:
    before = everything_stored()
    counted = samples.value("webhooks_received_total", provider="STRIPE", result="refused") or 0
    assert code(post_stripe(stripe_charge(payment), **signed)) == REFUSED
    assert everything_stored() == before
    after = samples.value("webhooks_received_total", provider="STRIPE", result="refused")
    assert after == counted + 1


@pytest.mark.parametrize("signature", ["", "t=1", "t=x,v1=1", "x" * 5000])
def test_a_malformed_signature_is_refused(stripe: StripeDouble, signature: str) -> None:
    body = stripe_event("customer.created", {}).encode()
    assert code(post("stripe", body, {"stripe-signature": signature})) == REFUSED


REFUND = {"id": "re_1", "status": "succeeded"}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"id": 7, "type": "refund.updated"}',
        '{"id": "evt_1"}',
        '{"id": "evt\\u0000", "type": "x"}',
        json.dumps({"id": "e" * 256, "type": "x"}),
        stripe_event("payment_intent.succeeded", {}, "evt_1"),
        stripe_event("refund.updated", REFUND | {"amount": -5}, "evt_1"),
        stripe_event("refund.updated", REFUND | {"amount": 10**30}, "evt_1"),
        stripe_event("refund.updated", REFUND | {"amount": True}, "evt_1"),
    ],
    ids=lambda body: body[:6],
)
def test_a_signed_malformed_event_is_refused(stripe: StripeDouble, body: str) -> None:
    before = everything_stored()
    assert code(post_stripe(body)) == REFUSED
    assert everything_stored() == before


def test_a_body_over_the_limit_is_refused() -> None:
    assert code(post("stripe", b"x" * 300_000, {})) == (413, "too_large")
