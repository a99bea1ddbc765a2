"""Refunds: stored with the payment locked, sent outside any transaction, settled by the provider's
response or by a webhook, whichever comes first."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.celery.batches import run_batch
from apps.events.recording import record
from apps.payments import events
from apps.payments.exceptions import NothingToRefund, RefundTooLarge
from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import Outcome, ProviderResult, RefundRequest
from apps.payments.models import Invoice, Payment, Refund
from apps.payments.selectors import charge_request, refundable_amount, refunded_amount
from apps.payments.services import ledger
from apps.payments.services.transitions import Status, event_fields, locked_payment, set_status

RESUME_AFTER = timedelta(seconds=30)
BATCH_SIZE = 100
STATUSES = {Outcome.SUCCEEDED: Refund.Status.SUCCEEDED, Outcome.DECLINED: Refund.Status.FAILED}


@transaction.atomic
def refund_create(*, payment_id: int, amount: int | None = None) -> Refund:
    """Refunds an amount, or all that remains. Raises NothingToRefund, RefundTooLarge."""
    payment = locked_payment(payment_id)
    remaining = refundable_amount(payment)
    if payment.status not in Payment.PAID or not remaining:
        raise NothingToRefund
    amount = remaining if amount is None else amount
    if not 0 < amount <= remaining:
        raise RefundTooLarge
    return _start(payment, amount)


def refund_remaining(payment: Payment) -> None:
    """Does nothing if nothing remains. Call with the payment locked."""
    if remaining := refundable_amount(payment):
        _start(payment, remaining)


def refund_send(*, refund_id: int) -> None:
    """Idempotent. Raises ProviderError."""
    refund = Refund.objects.select_related("payment__invoice").get(pk=refund_id)
    if refund.status != Refund.Status.PENDING:
        return
    Refund.objects.filter(pk=refund_id).update(last_polled_at=timezone.now())
    payment = refund.payment
    result = gateway_for(payment.method).refund(
        RefundRequest(
            charge=charge_request(payment),
            reference=refund.reference,
            amount=refund.amount,
            refund_id=refund.provider_id,
        )
    )
    refund_settle(refund_id=refund_id, result=result)


@transaction.atomic
def refund_settle(*, refund_id: int, result: ProviderResult) -> None:
    """Idempotent. A refund that has succeeded can fail later, as a bank can return the money. A
    failed refund stays failed."""
    payment = locked_payment(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.payment = payment
    had_succeeded = refund.status == Refund.Status.SUCCEEDED
    if not _applies(refund, result):
        return
    refund.provider_id = result.provider_id or refund.provider_id
    refund.status = STATUSES.get(result.outcome, Refund.Status.PENDING)
    refund.save(update_fields=["status", "provider_id"])
    if had_succeeded:
        _reopen(payment)
    _settle(refund, had_succeeded=had_succeeded)


@transaction.atomic
def refund_import(*, payment_id: int, amount: int, provider_id: str) -> Refund | None:
    """A refund that was started at the provider. None if the payment is refunded in full."""
    payment = locked_payment(payment_id)
    existing = payment.refunds.filter(provider_id=provider_id).first()
    remaining = payment.invoice.amount - refunded_amount(payment, Refund.Status.SUCCEEDED)
    if existing is not None or not remaining:
        return existing
    return _start(payment, min(amount, remaining), provider_id)


def refunds_resume() -> int:
    """Sends pending refunds again. Returns how many; raises BatchIncomplete."""
    before = timezone.now() - RESUME_AFTER
    pending = Refund.objects.filter(status=Refund.Status.PENDING, last_polled_at__lt=before)
    ids = pending.order_by("last_polled_at").values_list("pk", flat=True)[:BATCH_SIZE]
    return run_batch(ids, lambda pk: refund_send(refund_id=pk), name="refunds")


def _start(payment: Payment, amount: int, provider_id: str = "") -> Refund:
    refund = Refund.objects.create(payment=payment, amount=amount, provider_id=provider_id)
    _set_refunding(payment)
    record(_event(events.RefundStarted, refund))
    return refund


def _applies(refund: Refund, result: ProviderResult) -> bool:
    """A decline without the refund's id rejects a repeated request, not the refund itself."""
    if refund.status == Refund.Status.SUCCEEDED:
        is_same = bool(result.provider_id) and result.provider_id == refund.provider_id
        return is_same and result.outcome is Outcome.DECLINED
    return refund.status == Refund.Status.PENDING


def _reopen(payment: Payment) -> None:
    """A refund was reversed. After a full refund, the payer is still owed the money."""
    if payment.status == Status.REFUNDED:
        payment.refund_reversed_at = timezone.now()
        payment.save(update_fields=["refund_reversed_at"])
    _set_refunding(payment)


def _set_refunding(payment: Payment) -> None:
    if payment.status != Status.REFUNDING:
        set_status(payment, Status.REFUNDING)


def _settle(refund: Refund, *, had_succeeded: bool) -> None:
    if refund.status == Refund.Status.PENDING:
        return
    succeeded = refund.status == Refund.Status.SUCCEEDED
    status = _status_by_refunds(refund.payment)
    failure = events.RefundNotNeeded if status == Status.REFUNDED else events.RefundFailed
    record(_event(events.RefundSucceeded if succeeded else failure, refund))
    if status != refund.payment.status:
        event = events.PaymentRefunded if status == Status.REFUNDED else None
        set_status(refund.payment, status, event)
    if succeeded:
        ledger.post_refund(refund)
    elif had_succeeded:
        ledger.post_refund_reversal(refund)


def _status_by_refunds(payment: Payment) -> Status:
    """A refund that is due and has failed leaves the payment `refunding`, for an operator."""
    refunded = refunded_amount(payment, Refund.Status.SUCCEEDED)
    if refunded >= payment.invoice.amount:
        return Status.REFUNDED
    if refunded_amount(payment, Refund.Status.PENDING) or not _is_kept(payment):
        return Status.REFUNDING
    return Status.PARTIALLY_REFUNDED if refunded else Status.SUCCEEDED


def _is_kept(payment: Payment) -> bool:
    """Whether this payment pays its invoice, and was never refunded in full."""
    if payment.refund_reversed_at is not None:
        return False
    others = payment.invoice.payments.exclude(pk=payment.pk).filter(status__in=Payment.SETTLES)
    return payment.invoice.status == Invoice.Status.PAID and not others.exists()


def _event(event: type[events.RefundEvent], refund: Refund) -> events.RefundEvent:
    fields = event_fields(refund.payment)
    return event(**fields, refund_id=refund.pk, refund_amount=refund.amount)
