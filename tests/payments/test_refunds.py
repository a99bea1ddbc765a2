"""Money on its way back: whole or in part, never more than came, and taken up when cut short."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from apps.core.celery.batches import BatchIncomplete
from apps.events.models import EventRecord
from apps.payments.exceptions import NothingToRefund, RefundTooLarge
from apps.payments.gateways.base import Answer, Outcome
from apps.payments.models import Payment, Posting, Refund, SandboxCharge, SandboxRefund
from apps.payments.services import (
    invoice_void,
    payments_resume,
    refund_create,
    refund_send,
    refunds_resume,
)
from apps.payments.services.refunds import refund_settle
from tests import factories, samples
from tests.payments.doubles import Faults, served
from tests.payments.stripe_double import KEY, StripeDouble

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment() -> Payment:
    registration = factories.register(factories.make_tournament(entry_fee=1000))
    factories.pay(registration)
    return Payment.objects.get()


def status(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


def give_back(payment: Payment, amount: int | None = None) -> Refund:
    refund = refund_create(payment_id=payment.pk, amount=amount)
    refund_send(refund_id=refund.pk)
    refund.refresh_from_db()
    return refund


def age_refunds() -> None:
    Refund.objects.update(asked_at=timezone.now() - timedelta(minutes=5))


def held_by_provider() -> int:
    posted = Posting.objects.filter(wallet__house="STRIPE").aggregate(sum=Sum("amount"))
    total: int = posted["sum"]
    return total


def test_all_of_it_goes_back(payment: Payment) -> None:
    assert held_by_provider() == 1000
    refund = refund_create(payment_id=payment.pk)
    assert status(payment) == "refunding"
    refund_send(refund_id=refund.pk)
    assert status(payment) == "refunded"
    assert SandboxRefund.objects.get().reference == refund.reference
    assert held_by_provider() == 0


def test_parts_go_back_until_nothing_is_left(payment: Payment) -> None:
    for amount, becomes in (
        (300, "partially_refunded"),
        (699, "partially_refunded"),
        (1, "refunded"),
    ):
        give_back(payment, amount)
        assert status(payment) == becomes
    assert payment.refunds.count() == 3
    assert EventRecord.objects.filter(name="payment.refunded").count() == 1
    with pytest.raises(NothingToRefund):
        refund_create(payment_id=payment.pk)


@pytest.mark.parametrize("amount", [0, -1, 1001, 10**18])
def test_more_than_is_left_does_not_go_back(payment: Payment, amount: int) -> None:
    with pytest.raises(RefundTooLarge):
        refund_create(payment_id=payment.pk, amount=amount)
    assert not Refund.objects.exists()


def test_what_is_on_its_way_counts_as_given(payment: Payment) -> None:
    refund_create(payment_id=payment.pk, amount=600)
    with pytest.raises(RefundTooLarge):
        refund_create(payment_id=payment.pk, amount=500)
    refund_create(payment_id=payment.pk, amount=400)
    with pytest.raises(NothingToRefund):
        refund_create(payment_id=payment.pk)


def test_sending_it_again_gives_nothing_more(payment: Payment) -> None:
    refund = give_back(payment, 300)
    for _ in range(3):
        refund_send(refund_id=refund.pk)
    assert SandboxRefund.objects.count() == 1
    assert held_by_provider() == 700


def test_a_refund_that_was_cut_short_is_taken_up(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = refund_create(payment_id=payment.pk)

    def power_cut(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("apps.payments.services.refunds.refund_settle", power_cut)
        with pytest.raises(KeyboardInterrupt):
            refund_send(refund_id=refund.pk)
    assert SandboxRefund.objects.count() == 1
    assert refunds_resume() == 0
    age_refunds()
    assert refunds_resume() == 1
    assert status(payment) == "refunded"
    assert SandboxRefund.objects.count() == 1


@pytest.fixture
def stripe(settings: Any) -> Iterator[Faults]:
    with served(StripeDouble()) as (base, faults):
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, "whsec_x"
        settings.STRIPE_API_BASE, settings.PAYMENT_TIMEOUT_SECONDS = base, 1
        yield faults


def test_a_provider_that_does_not_answer_leaves_it_pending_and_the_task_failed(
    stripe: Faults, payment: Payment
) -> None:
    refund_create(payment_id=payment.pk)
    age_refunds()
    stripe.coming = ["silent", "silent"]
    with pytest.raises(BatchIncomplete, match="1 left undone"):
        refunds_resume()
    assert status(payment) == "refunding"
    age_refunds()
    refunds_resume()
    assert status(payment) == "refunded"


def given_back_elsewhere(payment: Payment) -> SandboxRefund:
    """By nobody of ours, and not told yet: the provider refuses to give it back again."""
    charge = SandboxCharge.objects.get(reference=payment.reference)
    return SandboxRefund.objects.create(charge=charge, provider_id="re_1", amount=charge.amount)


def test_what_the_provider_refuses_for_good_is_told_and_the_payment_stands(
    payment: Payment,
) -> None:
    given_back_elsewhere(payment)
    assert give_back(payment).status == "failed"
    assert status(payment) == "succeeded"
    assert EventRecord.objects.filter(name="payment.refund_failed").count() == 1
    assert held_by_provider() == 1000


def test_what_is_owed_and_refused_stays_until_somebody_sees_to_it(payment: Payment) -> None:
    elsewhere = given_back_elsewhere(payment)
    invoice_void(registration_id=payment.invoice.registration_id, refund=True)
    refund_send(refund_id=Refund.objects.get().pk)
    assert status(payment) == "refunding"
    elsewhere.delete()
    give_back(payment)
    assert status(payment) == "refunded"


def take_back(refund: Refund) -> None:
    """As the bank does of a card that is closed."""
    answer = Answer(outcome=Outcome.DECLINED, provider_id=refund.provider_id)
    refund_settle(refund_id=refund.pk, answer=answer)
    SandboxRefund.objects.filter(provider_id=refund.provider_id).delete()


@pytest.mark.parametrize("amounts", [(1000,), (300, 700)])
def test_what_the_provider_takes_back_of_what_was_all_back_is_owed_until_it_goes_again(
    payment: Payment, amounts: tuple[int, ...]
) -> None:
    refunds = [give_back(payment, amount) for amount in amounts]
    take_back(refunds[0])
    assert status(payment) == "refunding"
    assert held_by_provider() == amounts[0]
    assert payment.invoice.registration.status == "refunded"
    give_back(payment)
    assert status(payment) == "refunded"
    assert held_by_provider() == 0


def test_what_was_taken_back_and_is_refused_then_stays_owed(payment: Payment) -> None:
    take_back(give_back(payment))
    given_back_elsewhere(payment)
    assert give_back(payment).status == "failed"
    assert status(payment) == "refunding"


def test_no_more_is_given_back_does_not_undo_what_was(payment: Payment) -> None:
    """A request that was slow is refused, after a webhook has told that it was done."""
    refund = give_back(payment)
    refund_settle(refund_id=refund.pk, answer=Answer(outcome=Outcome.DECLINED))
    assert status(payment) == "refunded"
    assert held_by_provider() == 0


def test_a_cancelled_registrations_part_that_is_left_goes_back(payment: Payment) -> None:
    give_back(payment, 300)
    invoice_void(registration_id=payment.invoice.registration_id, refund=True)
    assert sorted(payment.refunds.values_list("amount", flat=True)) == [300, 700]
    age_refunds()
    refunds_resume()
    assert status(payment) == "refunded"


def test_a_payment_that_is_not_paid_has_nothing_to_give(payment: Payment) -> None:
    Payment.objects.update(status="failed")
    with pytest.raises(NothingToRefund):
        refund_create(payment_id=payment.pk)


@pytest.mark.usefixtures("tasks_in_process")
def test_it_is_sent_by_itself_and_counted_once_it_is_back(
    payment: Payment, django_capture_on_commit_callbacks: Any
) -> None:
    before = samples.value("payments_refunded_total", method="STRIPE") or 0
    with django_capture_on_commit_callbacks(execute=True):
        refund_create(payment_id=payment.pk)
    assert status(payment) == "refunded"
    assert samples.value("payments_refunded_total", method="STRIPE") == before + 1


def test_one_that_stays_processing_is_asked_for_and_then_given_up() -> None:
    registration = factories.register(factories.make_tournament(entry_fee=1000))
    factories.pay(registration, source="tok_slow")
    SandboxCharge.objects.update(settles_at=timezone.now() + timedelta(days=1))
    for minutes, becomes in ((19, "processing"), (21, "failed")):
        long_ago = timezone.now() - timedelta(minutes=minutes)
        Payment.objects.update(created_at=long_ago, asked_at=long_ago)
        payments_resume()
        assert Payment.objects.get().status == becomes
