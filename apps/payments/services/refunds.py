"""Money given back: written down with the payment locked, sent outside any transaction, settled by
what the provider answers or tells by webhook, whichever comes first."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.celery.batches import run_batch
from apps.events.recording import record
from apps.payments.events import (
    PaymentRefunded,
    RefundEvent,
    RefundFailed,
    RefundNotNeeded,
    RefundStarted,
    RefundSucceeded,
)
from apps.payments.exceptions import NothingToRefund, RefundTooLarge
from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import Answer, Order, Outcome, RefundOrder
from apps.payments.models import Invoice, Payment, Refund
from apps.payments.selectors import refundable, refunded
from apps.payments.services import money
from apps.payments.services.transitions import Status, event_fields, locked, move

CUT_SHORT_AFTER = timedelta(seconds=30)
SENT_AT_ONCE = 100
ENDS = {Outcome.SUCCEEDED: Refund.Status.SUCCEEDED, Outcome.DECLINED: Refund.Status.FAILED}


@transaction.atomic
def refund_create(*, payment_id: int, amount: int | None = None) -> Refund:
    """Gives back a part of a payment, or what is left of it. Raises NothingToRefund,
    RefundTooLarge."""
    payment = locked(payment_id)
    rest = refundable(payment)
    if payment.status not in Payment.PAID or not rest:
        raise NothingToRefund
    amount = rest if amount is None else amount
    if not 0 < amount <= rest:
        raise RefundTooLarge
    return _start(payment, amount)


def refund_rest(payment: Payment) -> None:
    """All that is left, where anything is. Call with the payment locked."""
    if rest := refundable(payment):
        _start(payment, rest)


def refund_send(*, refund_id: int) -> None:
    """Asks the provider for a refund, once however often it is called. Raises Unavailable."""
    refund = Refund.objects.select_related("payment__invoice").get(pk=refund_id)
    if refund.status != Refund.Status.PENDING:
        return
    Refund.objects.filter(pk=refund_id).update(asked_at=timezone.now())
    payment = refund.payment
    answer = gateway_for(payment.method).refund(
        RefundOrder(
            charge=Order(
                reference=payment.reference,
                created_at=payment.created_at,
                amount=payment.invoice.amount,
                currency=payment.invoice.currency,
                provider_id=payment.provider_id,
            ),
            reference=refund.reference,
            amount=refund.amount,
            refund_id=refund.provider_id,
        )
    )
    refund_settle(refund_id=refund_id, answer=answer)


@transaction.atomic
def refund_settle(*, refund_id: int, answer: Answer) -> None:
    """Writes down what became of it, once however often it comes. What succeeded may fail later,
    as its bank can send the money back; what failed has failed, whatever is told after that."""
    payment = locked(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.payment = payment
    was_back = refund.status == Refund.Status.SUCCEEDED
    if not _is_news(refund, answer):
        return
    refund.provider_id = answer.provider_id or refund.provider_id
    refund.status = ENDS.get(answer.outcome, Refund.Status.PENDING)
    refund.save(update_fields=["status", "provider_id"])
    if was_back:
        _owe_again(payment)
    _settled(refund, was_back=was_back)


@transaction.atomic
def refund_adopt(*, payment_id: int, amount: int, provider_id: str) -> Refund | None:
    """A refund that began at the provider: somebody clicked there. None where all of the payment
    is back already."""
    payment = locked(payment_id)
    known = payment.refunds.filter(provider_id=provider_id).first()
    rest = payment.invoice.amount - refunded(payment, Refund.Status.SUCCEEDED)
    if known is not None or not rest:
        return known
    return _start(payment, min(amount, rest), provider_id)


def refunds_resume() -> int:
    """Asks again for what is not settled. Returns how many it asked for; raises BatchIncomplete."""
    before = timezone.now() - CUT_SHORT_AFTER
    waiting = Refund.objects.filter(status=Refund.Status.PENDING, asked_at__lt=before)
    ids = list(waiting.order_by("asked_at").values_list("pk", flat=True)[:SENT_AT_ONCE])
    return run_batch(ids, lambda pk: refund_send(refund_id=pk), name="refunds")


def _start(payment: Payment, amount: int, provider_id: str = "") -> Refund:
    refund = Refund.objects.create(payment=payment, amount=amount, provider_id=provider_id)
    if payment.status != Status.REFUNDING:
        move(payment, Status.REFUNDING)
    record(_event(RefundStarted, refund))
    return refund


def _is_news(refund: Refund, answer: Answer) -> bool:
    """Without its number, "no" is about asking again for what has succeeded, and not about it."""
    if refund.status == Refund.Status.SUCCEEDED:
        is_about_it = bool(answer.provider_id) and answer.provider_id == refund.provider_id
        return is_about_it and answer.outcome is Outcome.DECLINED
    return refund.status == Refund.Status.PENDING


def _owe_again(payment: Payment) -> None:
    """Something that had gone back is with us again. Where all had, it stays owed."""
    if payment.status == Status.REFUNDED:
        payment.taken_back_at = timezone.now()
        payment.save(update_fields=["taken_back_at"])
    if payment.status != Status.REFUNDING:
        move(payment, Status.REFUNDING)


def _settled(refund: Refund, *, was_back: bool) -> None:
    if refund.status == Refund.Status.PENDING:
        return
    is_back = refund.status == Refund.Status.SUCCEEDED
    status = _status_by_refunds(refund.payment)
    failed = RefundNotNeeded if status == Status.REFUNDED else RefundFailed
    record(_event(RefundSucceeded if is_back else failed, refund))
    if status != refund.payment.status:
        move(refund.payment, status, PaymentRefunded if status == Status.REFUNDED else None)
    if is_back:
        money.book_refund(refund)
    elif was_back:
        money.book_taken_back(refund)


def _status_by_refunds(payment: Payment) -> Status:
    """What failed to go back and is owed all the same leaves it `refunding`, for a person."""
    given_back = refunded(payment, Refund.Status.SUCCEEDED)
    if given_back >= payment.invoice.amount:
        return Status.REFUNDED
    if refunded(payment, Refund.Status.PENDING) or not _is_kept(payment):
        return Status.REFUNDING
    return Status.PARTIALLY_REFUNDED if given_back else Status.SUCCEEDED


def _is_kept(payment: Payment) -> bool:
    """Whether it is what its invoice was paid with, and was never given back as a whole."""
    if payment.taken_back_at is not None:
        return False
    others = payment.invoice.payments.exclude(pk=payment.pk).filter(status__in=Payment.SETTLES)
    return payment.invoice.status == Invoice.Status.PAID and not others.exists()


def _event(event: type[RefundEvent], refund: Refund) -> RefundEvent:
    fields = event_fields(refund.payment)
    return event(**fields, refund_id=refund.pk, refund_amount=refund.amount)
