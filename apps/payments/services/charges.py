"""Invoices and the payments that settle them.

A payment is written down, then the provider is asked outside any transaction, then its answer is
written down. Cut short between the two, it is `processing` until the same request comes again or
`payments_resume` takes it up; the provider knows it by its reference and charges once.
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.events import record
from apps.payments import gateway
from apps.payments.events import (
    PaymentEvent,
    PaymentFailed,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
)
from apps.payments.exceptions import (
    AlreadyPaid,
    CardDeclined,
    IdempotencyKeyReused,
    InvoiceNotFound,
    InvoiceVoid,
    PaymentInProgress,
    ProviderUnavailable,
)
from apps.payments.models import Invoice, Payment

logger = logging.getLogger(__name__)
CUT_SHORT_AFTER = timedelta(seconds=30)


def invoice_create(*, registration_id: int, payer: User, amount: int, currency: str) -> Invoice:
    """Call inside the transaction that makes the registration."""
    return Invoice.objects.create(
        registration_id=registration_id, payer=payer, amount=amount, currency=currency
    )


def payment_create(
    *, payer: User, registration_id: int, method: str, source: str, idempotency_key: str
) -> Payment:
    """The payment, or the one that the same request made before.

    Raises InvoiceNotFound, InvoiceVoid, AlreadyPaid, PaymentInProgress, IdempotencyKeyReused, and
    CardDeclined for a payment that failed, now or before; ProviderUnavailable for one of which the
    provider did not say how it ended, and which `payments_resume` takes up.
    """
    payment, is_new = _known(payer, idempotency_key), False
    if payment is None:
        payment, is_new = _start(payer, registration_id, method, source, idempotency_key)
    if not is_new:
        _check_same(payment, registration_id, method, source)
    if payment.status == Payment.Status.PROCESSING:
        payment = _ask_provider(payment)
    if payment.status == Payment.Status.FAILED:
        raise CardDeclined
    return payment


def payments_resume() -> int:
    """Takes up the payments that were cut short. Returns how many."""
    before = timezone.now() - CUT_SHORT_AFTER
    waiting = Payment.objects.filter(status=Payment.Status.PROCESSING, created_at__lt=before)
    resumed = 0
    for payment in waiting.select_related("invoice").order_by("pk")[:100]:
        try:
            _ask_provider(payment)
            resumed += 1
        except ProviderUnavailable:
            continue  # told where it happened
        except Exception:
            # One that cannot be settled keeps the others from nothing; the next turn tries again.
            logger.exception("Payment could not be resumed", extra={"payment_id": payment.pk})
    return resumed


def invoice_void(*, registration_id: int, refund: bool) -> bool:
    """Nothing is owed any more. A paid invoice is marked as refunded, or left alone without
    `refund`: False then. Call inside a transaction."""
    invoice = Invoice.objects.select_for_update().filter(registration_id=registration_id).first()
    if invoice is None or invoice.status == Invoice.Status.VOID:
        return True
    if invoice.status == Invoice.Status.PAID and not refund:
        return False
    paid = invoice.payments.select_for_update().filter(status=Payment.Status.SUCCEEDED).first()
    if paid is not None:
        _move(paid, Payment.Status.REFUNDED, PaymentRefunded)
    invoice.status = Invoice.Status.VOID
    invoice.save(update_fields=["status"])
    return True


def _known(payer: User, idempotency_key: str) -> Payment | None:
    sent_before = Payment.objects.select_related("invoice")
    return sent_before.filter(payer=payer, idempotency_key=idempotency_key).first()


def _check_same(payment: Payment, registration_id: int, method: str, source: str) -> None:
    """Whether a request that came before may be answered as it was then."""
    before = (payment.invoice.registration_id, payment.method, payment.source)
    if before != (registration_id, method, source):
        raise IdempotencyKeyReused
    if payment.status == Payment.Status.PROCESSING and not _cut_short(payment):
        raise PaymentInProgress


@transaction.atomic
def _start(
    payer: User, registration_id: int, method: str, source: str, idempotency_key: str
) -> tuple[Payment, bool]:
    """A new payment and True, or False with the one that the same request made while this one
    waited for the invoice."""
    invoice = _locked_invoice(payer, registration_id)
    if payment := _known(payer, idempotency_key):
        return payment, False
    _check_due(invoice)
    payment = Payment(
        invoice=invoice,
        payer=payer,
        method=method,
        source=source,
        idempotency_key=idempotency_key,
    )
    try:
        with transaction.atomic():
            payment.save(force_insert=True)
    except IntegrityError:
        # The same request, or another payment for the invoice, was a moment faster.
        raise PaymentInProgress from None
    record(_event(PaymentStarted, payment))
    return payment, True


def _locked_invoice(payer: User, registration_id: int) -> Invoice:
    owed = Invoice.objects.select_for_update()
    invoice = owed.filter(registration_id=registration_id, payer=payer).first()
    if invoice is None:
        raise InvoiceNotFound
    return invoice


def _check_due(invoice: Invoice) -> None:
    if invoice.status == Invoice.Status.PAID:
        raise AlreadyPaid
    if invoice.status == Invoice.Status.VOID:
        raise InvoiceVoid


def _cut_short(payment: Payment) -> bool:
    return timezone.now() - payment.created_at > CUT_SHORT_AFTER


def _ask_provider(payment: Payment) -> Payment:
    """Raises ProviderUnavailable."""
    try:
        outcome = gateway.charge(
            reference=payment.reference,
            amount=payment.invoice.amount,
            currency=payment.invoice.currency,
            source=payment.source,
        )
    except gateway.Unavailable as fault:
        _log_failure(payment, fault)
        raise ProviderUnavailable from fault
    return _settle(payment.pk, outcome)


def _log_failure(payment: Payment, fault: gateway.Unavailable) -> None:
    logger.error(
        "Payment processing failed",
        extra={
            "user_id": payment.payer_id,
            "payment_method": payment.method.lower(),
            "error_code": fault.code,
            "payment_id": payment.pk,
        },
        exc_info=fault,
    )


@transaction.atomic
def _settle(payment_id: int, outcome: gateway.Outcome) -> Payment:
    """Writes the provider's answer down, once however often it comes."""
    invoice = Invoice.objects.select_for_update().get(payments=payment_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    payment.invoice = invoice
    if payment.status != Payment.Status.PROCESSING:
        return payment
    if outcome is gateway.Outcome.DECLINED:
        _move(payment, Payment.Status.FAILED, PaymentFailed)
    elif invoice.status == Invoice.Status.VOID:
        # Cancelled while the provider was at it.
        _move(payment, Payment.Status.REFUNDED, PaymentRefunded)
    else:
        invoice.status = Invoice.Status.PAID
        invoice.save(update_fields=["status"])
        _move(payment, Payment.Status.SUCCEEDED, PaymentSucceeded)
    return payment


def _move(payment: Payment, status: Payment.Status, event: type[PaymentEvent]) -> None:
    payment.status = status
    payment.save(update_fields=["status"])
    record(_event(event, payment))


def _event(event: type[PaymentEvent], payment: Payment) -> PaymentEvent:
    return event(
        payment_id=payment.pk,
        registration_id=payment.invoice.registration_id,
        method=payment.method,
        amount=payment.invoice.amount,
        currency=payment.invoice.currency,
    )
