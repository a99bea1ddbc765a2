"""What providers tell us over HTTP: kept once, applied once, in whatever order it comes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.events.models import EventRecord
from apps.payments.gateways.base import Answer, Outcome
from apps.payments.gateways.sandbox import signing
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Payment, Posting, Wallet, WebhookEvent
from apps.payments.services import webhooks_retry
from tests import factories, samples
from tests.api.world import everything_stored
from tests.payments import event_helpers
from tests.payments.event_helpers import stripe_charge, stripe_event, stripe_refund, tell_stripe

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(monkeypatch: pytest.MonkeyPatch) -> Payment:
    """One that the provider is still at."""
    registration = factories.register(factories.make_tournament(entry_fee=1000))
    with monkeypatch.context() as patch:
        answer = Answer(outcome=Outcome.PROCESSING)
        patch.setattr(SandboxGateway, "charge", lambda *_: answer)
        factories.pay(registration, "tok_slow")
    return Payment.objects.get()


def status(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


def told(payment: Payment) -> list[str]:
    of_payment = EventRecord.objects.filter(stream=f"payment:{payment.pk}")
    return list(of_payment.order_by("seq").values_list("name", flat=True))


SUCCEEDED = ["payment.started", "payment.processing", "payment.succeeded"]
GIVEN_BACK = ["payment.refund_started", "payment.refund_succeeded", "payment.refunded"]


def test_a_charge_that_is_told_later_confirms_the_seat(payment: Payment) -> None:
    answer = tell_stripe(stripe_charge(payment))
    assert (answer.status_code, answer.json()) == (200, {"result": "applied"})
    assert status(payment) == "succeeded"
    assert payment.provider_id == f"pi_{payment.pk}"
    assert payment.invoice.registration.status == "confirmed"


def test_a_charge_that_fails_later_has_failed(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment, "payment_failed"))
    assert status(payment) == "failed"


def test_the_same_event_a_thousand_times_has_one_effect(
    payment: Payment, django_capture_on_commit_callbacks: Any
) -> None:
    body = stripe_charge(payment, event_id="evt_1")
    before = samples.samples()
    with django_capture_on_commit_callbacks(execute=True):
        results = [tell_stripe(body).json()["result"] for _ in range(1000)]
    after = samples.samples()

    def grew(name: str, **labels: str) -> float:
        series = (name, frozenset(labels.items()))
        return after[series] - before[series]

    assert results == ["applied"] + ["duplicate"] * 999
    assert told(payment) == SUCCEEDED
    assert WebhookEvent.objects.count() == 1
    assert Posting.objects.count() == 2
    assert grew("payments_processed_total", method="STRIPE", status="SUCCESS") == 1
    assert grew("webhooks_received_total", provider="STRIPE", result="applied") == 1
    assert grew("webhooks_received_total", provider="STRIPE", result="duplicate") == 999


def test_a_refund_told_before_its_charge_comes_out_the_same(payment: Payment) -> None:
    payment.provider_id = f"pi_{payment.pk}"
    payment.save()
    tell_stripe(stripe_refund(payment, 1000))
    tell_stripe(stripe_charge(payment))
    assert status(payment) == "refunded"
    assert told(payment) == SUCCEEDED + GIVEN_BACK


def test_a_refund_of_a_charge_whose_number_is_not_known_yet_waits_for_it(payment: Payment) -> None:
    assert tell_stripe(stripe_refund(payment, 1000)).json() == {"result": "waiting"}
    tell_stripe(stripe_charge(payment))
    assert status(payment) == "succeeded"
    assert webhooks_retry() == 1
    assert status(payment) == "refunded"
    assert webhooks_retry() == 0


def test_many_that_are_nothing_of_ours_keep_it_from_none_that_is(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.payments.services.webhooks.APPLIED_AT_ONCE", 1)
    notice = {"event_id": "evt", "name": "charge.refunded", "refund_outcome": "succeeded"}
    for number in range(3):
        WebhookEvent.objects.create(
            provider="STRIPE", event_id=f"evt_of_others_{number}", name="theirs", notice=notice
        )
    tell_stripe(stripe_refund(payment, 1000))
    tell_stripe(stripe_charge(payment))
    webhooks_retry()
    assert status(payment) == "refunded"


def test_a_part_that_somebody_gave_back_at_the_provider_is_known_here(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment))
    for _ in range(2):
        tell_stripe(stripe_refund(payment, 300, "re_1"))
    assert status(payment) == "partially_refunded"
    tell_stripe(stripe_refund(payment, 700, "re_2"))
    assert status(payment) == "refunded"
    assert sorted(payment.refunds.values_list("amount", flat=True)) == [300, 700]


def test_more_than_was_charged_is_never_given_back(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment))
    for number in range(3):
        tell_stripe(stripe_refund(payment, 600, f"re_{number}"))
    assert status(payment) == "refunded"
    assert sum(payment.refunds.values_list("amount", flat=True)) == 1000


TAKEN_BACK = ["payment.refund_failed"]


@pytest.mark.parametrize("name", ["refund.failed", "refund.updated"])
def test_a_refund_that_the_provider_takes_back_is_owed_again(payment: Payment, name: str) -> None:
    tell_stripe(stripe_charge(payment))
    tell_stripe(stripe_refund(payment, 1000))
    assert status(payment) == "refunded"
    taken_back = stripe_refund(payment, 1000, status="failed", named=name)
    results = [tell_stripe(taken_back).json()["result"] for _ in range(2)]
    tell_stripe(stripe_refund(payment, 1000, status="failed"))  # as both names come
    assert results == ["applied", "duplicate"]
    assert status(payment) == "refunding"
    assert payment.refunds.get().status == "failed"
    assert told(payment) == SUCCEEDED + GIVEN_BACK + TAKEN_BACK
    assert held() == [("fees", -1000), ("STRIPE", 1000)]


def test_a_refund_that_has_failed_is_not_made_by_a_success_told_late(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment))
    tell_stripe(stripe_refund(payment, 1000, status="failed"))
    assert status(payment) == "succeeded"
    tell_stripe(stripe_refund(payment, 1000))
    assert status(payment) == "succeeded"
    assert payment.refunds.get().status == "failed"
    assert told(payment) == [*SUCCEEDED, "payment.refund_started", *TAKEN_BACK]


def test_a_part_that_the_provider_takes_back_leaves_the_payment_as_it_was(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment))
    tell_stripe(stripe_refund(payment, 300))
    tell_stripe(stripe_refund(payment, 200, "re_2"))
    tell_stripe(stripe_refund(payment, 300, status="failed"))
    assert status(payment) == "partially_refunded"
    tell_stripe(stripe_refund(payment, 200, "re_2", status="failed"))
    assert status(payment) == "succeeded"
    assert held() == [("fees", -1000), ("STRIPE", 1000)]


def held() -> list[tuple[str, int]]:
    return list(Wallet.objects.order_by("pk").values_list("house", "balance"))


def test_a_late_failure_does_not_take_a_success_back(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment))
    tell_stripe(stripe_charge(payment, "payment_failed"))
    tell_stripe(stripe_charge(payment, "processing"))
    assert status(payment) == "succeeded"


def test_a_success_after_it_was_given_up_goes_back(payment: Payment) -> None:
    tell_stripe(stripe_charge(payment, "payment_failed"))
    tell_stripe(stripe_charge(payment))
    assert status(payment) == "refunding"
    assert payment.refunds.get().amount == 1000
    assert "payment.succeeded" not in told(payment)


def test_what_is_not_about_money_is_kept_and_ignored() -> None:
    body = stripe_event("customer.created", {"id": "cus_1"})
    assert tell_stripe(body).json() == {"result": "ignored"}
    assert WebhookEvent.objects.get().status == "ignored"


def test_what_is_about_nothing_of_ours_is_given_up_after_three_days(payment: Payment) -> None:
    other = Payment(pk=10**9)
    assert tell_stripe(stripe_charge(other)).json() == {"result": "waiting"}
    webhooks_retry()
    assert WebhookEvent.objects.get().status == "waiting"
    long_ago = timezone.now() - timedelta(days=4)
    WebhookEvent.objects.update(received_at=long_ago)
    webhooks_retry()
    assert WebhookEvent.objects.get().status == "ignored"
    assert status(payment) == "processing"


def test_a_payment_of_the_other_provider_is_not_this_ones(payment: Payment) -> None:
    Payment.objects.update(method="PAYPAL")
    assert tell_stripe(stripe_charge(payment)).json() == {"result": "waiting"}
    assert status(payment) == "processing"


REFUSED = (400, "webhook_refused")


@pytest.mark.parametrize("age", [301, 3600])
def test_what_is_older_than_five_minutes_is_refused(payment: Payment, age: int) -> None:
    before = everything_stored()
    counted = samples.value("webhooks_received_total", provider="STRIPE", result="refused") or 0
    answer = tell_stripe(stripe_charge(payment), age=age)
    assert (answer.status_code, answer.json()["error"]["code"]) == REFUSED
    assert everything_stored() == before
    after = samples.value("webhooks_received_total", provider="STRIPE", result="refused")
    assert after == counted + 1


def test_what_somebody_else_signed_is_refused(payment: Payment) -> None:
    before = everything_stored()
    answer = tell_stripe(stripe_charge(payment), secret="whsec_of_somebody_else")
    assert (answer.status_code, answer.json()["error"]["code"]) == REFUSED
    assert everything_stored() == before


@pytest.mark.parametrize("signature", ["", "t=1", "v1=1", "t=x,v1=1", "t=1,v1=", "x" * 5000, "=,="])
def test_a_signature_that_is_none_is_refused(payment: Payment, signature: str) -> None:
    body = stripe_charge(payment).encode()
    for headers in ({"stripe-signature": signature}, {}):
        answer = event_helpers.post("stripe", body, headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == REFUSED


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "17",
        "[" * 100_000,
        "{}",
        '{"id": 7, "type": "refund.updated"}',
        '{"id": "evt_1"}',
        '{"id": "evt\\u0000", "type": "x"}',
        json.dumps({"id": "e" * 256, "type": "x"}),
        stripe_event("payment_intent.succeeded", {}),
        stripe_event("refund.updated", {"id": "re_1", "status": "succeeded", "amount": -5}),
        stripe_event("refund.updated", {"id": "re_1", "status": "succeeded", "amount": 10**30}),
        stripe_event("refund.updated", {"id": "re_1", "status": "succeeded", "amount": True}),
    ],
    ids=lambda body: body[:6],
)
def test_what_is_signed_and_cannot_be_read_is_refused(body: str) -> None:
    before = everything_stored()
    answer = tell_stripe(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == REFUSED
    assert everything_stored() == before


def test_bytes_that_are_no_text_are_refused() -> None:
    headers = {"stripe-signature": "t=1,v1=1"}
    for provider in ("stripe", "paypal"):
        assert event_helpers.post(provider, b"\xff\xfe\x00", headers).status_code == 400


def test_a_body_without_end_is_refused() -> None:
    answer = event_helpers.post("stripe", b"x" * 300_000, {"stripe-signature": "t=1,v1=1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
def test_there_is_nothing_to_be_read(client: Any, provider: str) -> None:
    answer = client.get(f"/api/webhooks/{provider}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_the_sandboxs_paypal_signs_as_paypal_does(payment: Payment) -> None:
    Payment.objects.update(method="PAYPAL")
    about = {"id": "CAPTURE-1", "custom_id": str(payment.reference)}
    body = json.dumps({"id": "WH-9", "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": about})
    headers = signing.signed("PAYPAL", body)
    changed = event_helpers.post("paypal", body.replace("COMPLETED", "DECLINED").encode(), headers)
    assert (changed.status_code, changed.json()["error"]["code"]) == REFUSED
    assert event_helpers.post("paypal", body.encode(), headers).json() == {"result": "applied"}
    assert status(payment) == "succeeded"
