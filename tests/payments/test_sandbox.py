"""The provider of who has no keys: what each token does, and what it tells afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.core.celery.batches import BatchIncomplete
from apps.payments.exceptions import CardDeclined, MethodNotTaken, ProviderUnavailable
from apps.payments.gateways import gateway_for, is_live
from apps.payments.gateways.sandbox import authority, signing
from apps.payments.gateways.sandbox.gateway import SandboxGateway
from apps.payments.models import (
    Payment,
    SandboxCharge,
    SandboxKey,
    SandboxRefund,
    SandboxWebhook,
    WebhookEvent,
)
from apps.payments.services import (
    invoice_void,
    payment_create,
    payments_resume,
    refund_send,
)
from apps.payments.tasks import sandbox_deliver
from apps.tournaments.models import Registration
from tests import factories
from tests.payments.test_webhooks import GIVEN_BACK, SUCCEEDED, told

pytestmark = pytest.mark.django_db
METHODS = pytest.mark.parametrize("method", ["STRIPE", "PAYPAL"])


@pytest.fixture
def registration() -> Registration:
    return factories.register(factories.make_tournament(entry_fee=1000))


def pay(registration: Registration, method: str, token: str) -> Payment:
    return payment_create(
        payer=registration.player,
        registration_id=registration.pk,
        method=method,
        source=token,
        idempotency_key=token,
    )


def wait(seconds: int = 60) -> None:
    """As if so much time had passed."""
    earlier = timedelta(seconds=seconds)
    for charge in SandboxCharge.objects.all():
        SandboxCharge.objects.filter(pk=charge.pk).update(settles_at=charge.settles_at - earlier)
    for webhook in SandboxWebhook.objects.all():
        SandboxWebhook.objects.filter(pk=webhook.pk).update(due_at=webhook.due_at - earlier)
    for payment in Payment.objects.all():
        Payment.objects.filter(pk=payment.pk).update(asked_at=payment.asked_at - earlier)


def results() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("status", flat=True))


@METHODS
@pytest.mark.parametrize("token", ["tok_visa", "tok_mastercard", "tok_paypal"])
def test_it_takes_the_money_and_says_so_again(
    registration: Registration, method: str, token: str
) -> None:
    payment = pay(registration, method, token)
    assert payment.status == "succeeded"
    assert sandbox_deliver() == 1
    assert sandbox_deliver() == 0
    assert results() == ["applied"]
    assert told(payment) == ["payment.started", "payment.succeeded"]


@METHODS
@pytest.mark.parametrize("token", ["tok_declined", "tok_nobody_knows", "pm_card_visa"])
def test_it_declines_what_it_does_not_know(
    registration: Registration, method: str, token: str
) -> None:
    with pytest.raises(CardDeclined):
        pay(registration, method, token)
    sandbox_deliver()
    assert told(Payment.objects.get()) == ["payment.started", "payment.failed"]


@METHODS
@pytest.mark.parametrize(
    ("token", "end"), [("tok_slow", "succeeded"), ("tok_slow_declined", "failed")]
)
def test_what_is_slow_is_told_by_webhook(
    registration: Registration, method: str, token: str, end: str
) -> None:
    payment = pay(registration, method, token)
    assert payment.status == "processing"
    assert sandbox_deliver() == 0
    wait()
    assert sandbox_deliver() == 1
    payment.refresh_from_db()
    assert payment.status == end


def test_what_is_slow_is_asked_for_where_no_webhook_comes(registration: Registration) -> None:
    payment = pay(registration, "STRIPE", "tok_slow")
    wait()
    assert payments_resume() == 1
    assert told(payment) == SUCCEEDED
    sandbox_deliver()
    assert told(payment) == SUCCEEDED


def test_a_timeout_is_taken_up_and_charged_once(registration: Registration) -> None:
    with pytest.raises(ProviderUnavailable):
        pay(registration, "STRIPE", "tok_timeout")
    assert Payment.objects.get().status == "created"
    wait()
    assert payments_resume() == 1
    sandbox_deliver()
    assert told(Payment.objects.get()) == ["payment.started", "payment.succeeded"]
    assert SandboxCharge.objects.count() == 1


def test_a_timeout_whose_webhook_comes_first_is_settled_by_it(registration: Registration) -> None:
    with pytest.raises(ProviderUnavailable):
        pay(registration, "STRIPE", "tok_timeout")
    sandbox_deliver()
    payment = Payment.objects.get()
    assert payment.status == "succeeded"
    assert pay(registration, "STRIPE", "tok_timeout") == payment


@METHODS
def test_a_duplicate_is_told_three_times_and_counts_once(
    registration: Registration, method: str
) -> None:
    payment = pay(registration, method, "tok_duplicate")
    sandbox_deliver()
    assert results() == ["applied"]
    assert told(payment) == ["payment.started", "payment.succeeded"]


@METHODS
def test_out_of_order_the_refund_comes_first_and_it_ends_well(
    registration: Registration, method: str
) -> None:
    payment = pay(registration, method, "tok_out_of_order")
    wait()
    first, second = SandboxWebhook.objects.order_by("pk")
    assert "efund" in first.body or "REFUND" in first.body
    assert "succeeded" in second.body or "COMPLETED" in second.body
    assert sandbox_deliver() == 2
    payment.refresh_from_db()
    assert payment.status == "refunded"
    assert told(payment) == SUCCEEDED + GIVEN_BACK
    assert SandboxRefund.objects.get().amount == 1000


def test_out_of_order_and_withdrawn_meanwhile_nobody_is_told_that_a_refund_failed(
    registration: Registration,
) -> None:
    """Two are begun, of which the provider makes one: all is back."""
    payment = pay(registration, "STRIPE", "tok_out_of_order")
    invoice_void(registration_id=registration.pk, refund=True)
    wait()
    sandbox_deliver()
    for refund in payment.refunds.all():
        refund_send(refund_id=refund.pk)
    payment.refresh_from_db()
    assert payment.status == "refunded"
    assert sorted(payment.refunds.values_list("status", flat=True)) == ["failed", "succeeded"]
    assert "payment.refund_failed" not in told(payment)
    assert told(payment)[-1] == "payment.refund_not_needed"


def test_unavailable_leaves_nothing_in_its_book(registration: Registration) -> None:
    with pytest.raises(ProviderUnavailable):
        pay(registration, "STRIPE", "tok_unavailable")
    assert not SandboxCharge.objects.exists()


def test_a_webhook_that_cannot_be_taken_in_keeps_the_others_from_nothing(
    registration: Registration,
) -> None:
    SandboxWebhook.objects.create(method="STRIPE", body="{", due_at=timezone.now())
    payment = pay(registration, "STRIPE", "tok_visa")
    with pytest.raises(BatchIncomplete, match="1 left undone"):
        sandbox_deliver()
    assert WebhookEvent.objects.get().payment == payment
    assert SandboxWebhook.objects.get(sent_at=None).body == "{"


def test_its_certificate_is_one_for_all_and_renewed_in_time() -> None:
    made = signing.key()
    assert signing.key().chain == made.chain
    _, over = authority.made(lasts=timedelta(hours=1))
    SandboxKey.objects.update(chain=over)
    assert not authority.is_over(signing.key().chain)
    assert SandboxKey.objects.count() == 1


def test_where_there_are_keys_it_is_not_asked(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", "whsec_x"
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = "id", "secret"
    for method in ("STRIPE", "PAYPAL"):
        assert is_live(method)
        assert not isinstance(gateway_for(method), SandboxGateway)
        assert gateway_for(method) is gateway_for(method)


def test_where_one_provider_is_real_nobody_pays_with_the_others_sandbox(
    registration: Registration, settings: Any
) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_x", "whsec_x"
    with pytest.raises(MethodNotTaken):
        pay(registration, "PAYPAL", "tok_paypal")
    assert not Payment.objects.exists()


def test_where_there_are_keys_its_webhooks_stay_where_they_are(
    registration: Registration, settings: Any
) -> None:
    pay(registration, "STRIPE", "tok_visa")
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    assert sandbox_deliver() == 0
