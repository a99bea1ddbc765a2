import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from apps.core.celery.batches import BatchIncomplete
from apps.payments.exceptions import CardDeclined, MethodNotEnabled
from apps.payments.gateways import PROVIDERS, gateway_for, is_live
from apps.payments.gateways.sandbox import webhooks
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import Payment, SandboxCharge, SandboxRefund, SandboxWebhook, WebhookEvent
from apps.payments.services import invoice_void, payments_resume, refund_send
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from tests.factories import pay
from tests.payments.event_helpers import REFUNDED, SUCCEEDED, event_names, poll_again_now, post
from tests.payments.stripe_double import StripeDouble

pytestmark = pytest.mark.django_db


def pass_a_minute() -> None:
    minute = timedelta(minutes=1)
    SandboxCharge.objects.update(settles_at=F("settles_at") - minute)
    SandboxWebhook.objects.update(due_at=F("due_at") - minute)
    poll_again_now()


def webhook_statuses() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize(
    ("method", "token"),
    [
        ("STRIPE", "tok_visa"),
        ("STRIPE", "tok_mastercard"),
        ("STRIPE", "tok_duplicate"),
        ("PAYPAL", "tok_paypal"),
    ],
)
def test_a_good_card_succeeds_and_its_webhook_is_applied_once(
    registration: Registration, method: str, token: str
) -> None:
    payment = pay(registration, token, method=method)
    assert payment.status == "succeeded"
    assert sandbox_deliver() == 1
    assert sandbox_deliver() == 0
    assert webhook_statuses() == ["applied"]
    assert event_names(payment) == ["payment.started", "payment.succeeded"]


@pytest.mark.parametrize("token", ["tok_declined", "tok_unknown"])
def test_an_unknown_token_is_declined(registration: Registration, token: str) -> None:
    with pytest.raises(CardDeclined):
        pay(registration, token)
    sandbox_deliver()
    assert event_names(Payment.objects.get()) == ["payment.started", "payment.failed"]


@pytest.mark.parametrize(
    ("token", "status"), [("tok_slow", "succeeded"), ("tok_slow_declined", "failed")]
)
def test_a_webhook_settles_a_slow_card(registration: Registration, token: str, status: str) -> None:
    payment = pay(registration, token)
    assert payment.status == "processing"
    assert sandbox_deliver() == 0
    pass_a_minute()
    assert sandbox_deliver() == 1
    payment.refresh_from_db()
    assert payment.status == status


def test_a_slow_card_is_settled_by_polling_before_its_webhook(registration: Registration) -> None:
    payment = pay(registration, "tok_slow")
    pass_a_minute()
    assert payments_resume() == 1
    assert event_names(payment) == SUCCEEDED
    sandbox_deliver()
    assert event_names(payment) == SUCCEEDED


def test_a_refund_sent_before_its_charge_ends_as_refunded(registration: Registration) -> None:
    payment = pay(registration, "tok_out_of_order")
    pass_a_minute()
    assert sandbox_deliver() == 2
    names = list(WebhookEvent.objects.order_by("pk").values_list("name", flat=True))
    assert names == ["refund.succeeded", "charge.succeeded"]
    payment.refresh_from_db()
    assert payment.status == "refunded"
    assert event_names(payment) == SUCCEEDED + REFUNDED
    assert SandboxRefund.objects.get().amount == 1000


def test_a_rejected_refund_after_another_is_not_an_error(registration: Registration) -> None:
    """Both the provider and the withdrawal start a refund: the provider makes one."""
    payment = pay(registration, "tok_out_of_order")
    invoice_void(registration_id=registration.pk, refund=True)
    pass_a_minute()
    sandbox_deliver()
    for refund in payment.refunds.all():
        refund_send(refund_id=refund.pk)
    payment.refresh_from_db()
    assert payment.status == "refunded"
    assert sorted(payment.refunds.values_list("status", flat=True)) == ["failed", "succeeded"]
    assert "payment.refund_failed" not in event_names(payment)
    assert event_names(payment)[-1] == "payment.refund_not_needed"


def test_a_malformed_webhook_fails_once_and_blocks_no_other(registration: Registration) -> None:
    SandboxWebhook.objects.create(method="STRIPE", body="{", due_at=timezone.now())
    payment = pay(registration, "tok_visa")
    with pytest.raises(BatchIncomplete):
        sandbox_deliver()
    assert WebhookEvent.objects.get().payment == payment
    assert sandbox_deliver() == 0


def test_a_forged_or_replayed_webhook_is_refused(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(registration, "tok_slow")
    body = SandboxWebhook.objects.get().body.encode()
    signed = webhooks.sign("STRIPE", body)
    with monkeypatch.context() as patch:
        sent_at = time.time() - 301
        patch.setattr("django.core.signing.time.time", lambda: sent_at)
        old = webhooks.sign("STRIPE", body)
    forged = body.replace(b"succeeded", b"declined")
    cases: list[tuple[str, bytes, dict[str, str]]] = [
        ("stripe", forged, signed),
        ("stripe", body, {}),
        ("stripe", body, {webhooks.HEADER: "x:y:z"}),
        ("stripe", body, old),
        ("paypal", body, signed),
    ]
    for provider, sent, headers in cases:
        assert post(provider, sent, headers).status_code == 400
    for malformed in (b"{}", b'{"event_id": "e", "name": "n", "outcome": "weird"}', b"\xff"):
        assert post("stripe", malformed, webhooks.sign("STRIPE", malformed)).status_code == 400
    assert not WebhookEvent.objects.exists()
    assert post("stripe", body, signed).json() == {"result": "applied"}


def test_a_provider_with_keys_replaces_the_sandbox(settings: Any) -> None:
    for provider in PROVIDERS.values():
        for name in provider.credentials:
            setattr(settings, name, "test")
    for method in PROVIDERS:
        assert is_live(method)
        assert not isinstance(gateway_for(method), SandboxGateway)
        assert gateway_for(method) is gateway_for(method)


def test_one_live_provider_disables_the_sandbox_of_the_other(
    registration: Registration, stripe: StripeDouble
) -> None:
    with pytest.raises(MethodNotEnabled):
        pay(registration, "tok_paypal", method="PAYPAL")
    assert not Payment.objects.exists()


def test_a_live_provider_gets_no_sandbox_webhook(registration: Registration, settings: Any) -> None:
    pay(registration, "tok_visa")
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    assert sandbox_deliver() == 0
