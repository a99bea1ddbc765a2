"""Full and partial refunds: never more than was charged, and resumed when interrupted."""

from typing import Any

import pytest
from django.db.models import Sum

from apps.core.celery.batches import BatchIncomplete
from apps.events.models import EventRecord
from apps.payments.exceptions import NothingToRefund, RefundTooLarge
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment, Posting, Refund, SandboxCharge, SandboxRefund
from apps.payments.services import invoice_void, refund_create, refund_send, refunds_resume
from apps.payments.services.refunds import refund_settle
from apps.tournaments.models import Registration
from tests import factories, samples
from tests.factories import refund
from tests.payments.event_helpers import poll_again_now
from tests.payments.stripe_double import StripeDouble

pytestmark = pytest.mark.django_db


def status(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


def provider_balance() -> int:
    postings = Posting.objects.filter(wallet__house="STRIPE")
    total: int = postings.aggregate(sum=Sum("amount"))["sum"]
    return total


def test_a_full_refund_leaves_nothing_at_the_provider(payment: Payment) -> None:
    assert provider_balance() == 1000
    created = refund_create(payment_id=payment.pk)
    assert status(payment) == "refunding"
    refund_send(refund_id=created.pk)
    assert status(payment) == "refunded"
    assert SandboxRefund.objects.get().reference == created.reference
    assert provider_balance() == 0


def test_partial_refunds_add_up_to_a_full_one(payment: Payment) -> None:
    for amount, expected in (
        (300, "partially_refunded"),
        (699, "partially_refunded"),
        (1, "refunded"),
    ):
        refund(payment, amount)
        assert status(payment) == expected
    assert payment.refunds.count() == 3
    assert EventRecord.objects.filter(name="payment.refunded").count() == 1
    with pytest.raises(NothingToRefund):
        refund_create(payment_id=payment.pk)


@pytest.mark.parametrize("amount", [0, -1, 1001, 10**18])
def test_a_refund_of_more_than_the_charge_is_refused(payment: Payment, amount: int) -> None:
    with pytest.raises(RefundTooLarge):
        refund_create(payment_id=payment.pk, amount=amount)
    assert not Refund.objects.exists()


def test_a_pending_refund_reduces_what_can_be_refunded(payment: Payment) -> None:
    refund_create(payment_id=payment.pk, amount=600)
    with pytest.raises(RefundTooLarge):
        refund_create(payment_id=payment.pk, amount=500)
    refund_create(payment_id=payment.pk, amount=400)
    with pytest.raises(NothingToRefund):
        refund_create(payment_id=payment.pk)


def test_a_refund_is_resumed_once(payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    created = refund_create(payment_id=payment.pk)

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("apps.payments.services.refunds.refund_settle", die)
        with pytest.raises(KeyboardInterrupt):
            refund_send(refund_id=created.pk)
    assert SandboxRefund.objects.count() == 1
    assert refunds_resume() == 0
    poll_again_now()
    assert refunds_resume() == 1
    assert status(payment) == "refunded"
    assert SandboxRefund.objects.count() == 1


def test_a_refund_is_resumed_after_a_timeout(
    stripe: StripeDouble, registration: Registration
) -> None:
    payment = factories.pay(registration)
    refund_create(payment_id=payment.pk)
    poll_again_now()
    stripe.coming = ["silent"]
    with pytest.raises(BatchIncomplete):
        refunds_resume()
    assert status(payment) == "refunding"
    poll_again_now()
    refunds_resume()
    assert status(payment) == "refunded"


def refund_in_dashboard(payment: Payment) -> SandboxRefund:
    """Without a webhook: the provider then rejects another refund."""
    charge = SandboxCharge.objects.get(reference=payment.reference)
    return SandboxRefund.objects.create(charge=charge, provider_id="re_1", amount=charge.amount)


def test_a_rejected_refund_is_recorded_and_the_payment_stays_paid(payment: Payment) -> None:
    refund_in_dashboard(payment)
    assert refund(payment).status == "failed"
    assert status(payment) == "succeeded"
    assert EventRecord.objects.filter(name="payment.refund_failed").count() == 1
    assert provider_balance() == 1000


def test_a_rejected_refund_that_is_due_waits_for_an_operator(payment: Payment) -> None:
    duplicate = refund_in_dashboard(payment)
    invoice_void(registration_id=payment.invoice.registration_id, refund=True)
    refund_send(refund_id=Refund.objects.get().pk)
    assert status(payment) == "refunding"
    duplicate.delete()
    refund(payment)
    assert status(payment) == "refunded"


def reverse(refunded: Refund) -> None:
    """As a bank does when the card's account is closed."""
    result = ProviderResult(outcome=Outcome.DECLINED, provider_id=refunded.provider_id)
    refund_settle(refund_id=refunded.pk, result=result)
    SandboxRefund.objects.filter(provider_id=refunded.provider_id).delete()


@pytest.mark.parametrize("amounts", [(1000,), (300, 700)])
def test_a_reversed_refund_of_a_refunded_payment_is_due_until_it_is_repeated(
    payment: Payment, amounts: tuple[int, ...]
) -> None:
    refunds = [refund(payment, amount) for amount in amounts]
    reverse(refunds[0])
    assert status(payment) == "refunding"
    assert provider_balance() == amounts[0]
    assert payment.invoice.registration.status == "refunded"
    refund(payment)
    assert status(payment) == "refunded"
    assert provider_balance() == 0


def test_a_reversed_refund_that_is_then_rejected_stays_due(payment: Payment) -> None:
    reverse(refund(payment))
    refund_in_dashboard(payment)
    assert refund(payment).status == "failed"
    assert status(payment) == "refunding"


def test_a_rejected_repetition_does_not_undo_a_refund(payment: Payment) -> None:
    """A slow request is rejected after a webhook has reported success."""
    refunded = refund(payment)
    refund_settle(refund_id=refunded.pk, result=ProviderResult(outcome=Outcome.DECLINED))
    assert status(payment) == "refunded"
    assert provider_balance() == 0


@pytest.mark.usefixtures("tasks_in_process")
def test_a_refund_is_sent_after_the_commit_and_counted(payment: Payment, commit: Any) -> None:
    before = samples.value("payments_refunded_total", method="STRIPE") or 0
    with commit():
        refund_create(payment_id=payment.pk)
    assert status(payment) == "refunded"
    assert samples.value("payments_refunded_total", method="STRIPE") == before + 1
