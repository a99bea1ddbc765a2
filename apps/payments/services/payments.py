"""Creates, resumes and cancels payments.

A payment is stored, then the provider is called outside any transaction, then the result is stored.
If the process dies in between, the payment stays `created` until the same request is repeated or
`payments_resume` takes it up. The provider knows it by its reference and charges once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core import rate_limits
from apps.core.celery.batches import run_batch
from apps.events.recording import record
from apps.payments import exceptions
from apps.payments.events import PaymentStarted
from apps.payments.gateways import enabled_methods, gateway_for
from apps.payments.gateways.base import Outcome, ProviderError, ProviderResult
from apps.payments.models import Invoice, Payment
from apps.payments.selectors import charge_request, payment_get
from apps.payments.services import idempotency
from apps.payments.services.settlement import payment_settle
from apps.payments.services.transitions import event_fields

logger = logging.getLogger(__name__)
RESUME_AFTER = timedelta(seconds=30)
BATCH_SIZE = 100


def payment_create(
    *, payer: User, registration_id: int, method: str, source: str, idempotency_key: str
) -> Payment:
    """A new payment, or the first response to the same request. Without a `source`, the payer
    enters it on the provider's page: `approve_url`.

    Raises MethodNotEnabled, InvoiceNotFound, InvoiceVoid, AlreadyPaid, PaymentWindowClosed,
    PaymentInProgress, IdempotencyKeyReused; CardDeclined; ProviderUnavailable where the outcome is
    unknown: `payments_resume` continues then.
    """
    stored = idempotency.find_key(payer, idempotency_key, registration_id, method, source)
    if stored is None:
        payment = _create(payer, idempotency_key, registration_id, method, source)
    else:
        payment = stored.payment
        if not stored.response_status:
            _check_not_in_progress(payment)
    if payment.status == Payment.Status.CREATED:
        with _provider_errors_logged(payment):
            payment = _charge(payment)
    return idempotency.first_response(payment)


def payment_refresh(*, payment_id: int, payer: User) -> Payment:
    """Retrieves the payment's state, and completes a payment that the payer has approved. Counts
    against the rate limit of writes. Raises PaymentNotFound, TooManyRequests,
    ProviderUnavailable."""
    payment = payment_get(payment_id=payment_id, payer=payer)
    if payment.status not in Payment.OPEN:
        return payment
    rate_limits.check("writes", str(payer.pk))
    with _provider_errors_logged(payment):
        result = _poll_provider(payment, cancel=not payment.is_owed)
    return payment if result is None else payment_settle(payment_id=payment_id, result=result)


def payment_cancel(*, payment_id: int, payer: User) -> Payment:
    """A failed payment, or its final state if it was too late to cancel. A late charge is refunded.
    Raises PaymentNotFound, NotCancelable, PaymentInProgress, ProviderUnavailable."""
    payment = payment_get(payment_id=payment_id, payer=payer)
    if not payment.can_be_canceled:
        raise exceptions.NotCancelable
    _check_not_in_progress(payment)
    rows = Payment.objects.filter(pk=payment.pk)
    rows.update(canceled_at=timezone.now())  # if the provider fails, payments_resume cancels it
    with _provider_errors_logged(payment):
        result = _poll_provider(payment, cancel=True) or ProviderResult(outcome=Outcome.DECLINED)
    if result.outcome is Outcome.PROCESSING:
        rows.update(canceled_at=None)
        raise exceptions.PaymentInProgress
    return payment_settle(payment_id=payment_id, result=result)


def payments_resume() -> int:
    """Charges interrupted payments, and retrieves the state of processing ones. A payment that is
    too old, or no longer owed, is canceled. Returns how many; raises BatchIncomplete."""
    before = timezone.now() - RESUME_AFTER
    waiting = Payment.objects.filter(status__in=Payment.OPEN, last_polled_at__lt=before)
    ids = waiting.order_by("status", "last_polled_at").values_list("pk", flat=True)
    return run_batch(ids[:BATCH_SIZE], _resume, name="payments")


def _create(payer: User, key: str, registration_id: int, method: str, source: str) -> Payment:
    if method not in enabled_methods():
        raise exceptions.MethodNotEnabled(method="isn't available")
    try:
        with transaction.atomic():
            invoices = Invoice.objects.select_for_update()
            invoice = invoices.filter(registration_id=registration_id, payer=payer).first()
            if invoice is None:
                raise exceptions.InvoiceNotFound
            if idempotency.find_key(payer, key, registration_id, method, source):
                # A concurrent request with the same key had the invoice locked.
                raise exceptions.PaymentInProgress
            _check_due(invoice)
            payment = Payment.objects.create(
                invoice=invoice, payer=payer, method=method, source=source
            )
            idempotency.store_key(key, payment)
            record(PaymentStarted(**event_fields(payment)))
    except IntegrityError:
        # A concurrent request has created another payment for the invoice, or stored the key.
        raise exceptions.PaymentInProgress from None
    return payment


def _check_due(invoice: Invoice) -> None:
    if invoice.status == Invoice.Status.PAID:
        raise exceptions.AlreadyPaid
    if invoice.status == Invoice.Status.VOID:
        raise exceptions.InvoiceVoid
    pay_until = invoice.registration.pay_until
    if pay_until is not None and pay_until <= timezone.now():
        raise exceptions.PaymentWindowClosed


def _check_not_in_progress(payment: Payment) -> None:
    """Raises PaymentInProgress while another request may still be waiting for the provider, and for
    a payment that is to be canceled."""
    is_recent = timezone.now() - payment.last_polled_at <= RESUME_AFTER
    if payment.status == Payment.Status.CREATED and (is_recent or not payment.is_owed):
        raise exceptions.PaymentInProgress


def _charge(payment: Payment) -> Payment:
    Payment.objects.filter(pk=payment.pk).update(last_polled_at=timezone.now())
    result = gateway_for(payment.method).charge(charge_request(payment))
    return payment_settle(payment_id=payment.pk, result=result)


def _resume(payment_id: int) -> None:
    payment = Payment.objects.select_related("invoice").get(pk=payment_id)
    limit = timedelta(minutes=settings.PAYMENT_GIVE_UP_MINUTES)
    cancel = timezone.now() - payment.created_at > limit or not payment.is_owed
    if payment.status == Payment.Status.CREATED and not cancel:
        _charge(payment)
    elif payment.status in Payment.OPEN:
        _poll(payment, cancel=cancel)


def _poll(payment: Payment, *, cancel: bool) -> None:
    """A canceled payment fails although the provider may still charge it, which is refunded."""
    result = _poll_provider(payment, cancel=cancel)
    if cancel and (result is None or result.outcome is Outcome.PROCESSING):
        result = ProviderResult(outcome=Outcome.DECLINED)
    if result is not None:
        payment_settle(payment_id=payment.pk, result=result)


def _poll_provider(payment: Payment, *, cancel: bool) -> ProviderResult | None:
    """None where the provider does not know the payment. Raises ProviderError."""
    Payment.objects.filter(pk=payment.pk).update(last_polled_at=timezone.now())
    gateway, request = gateway_for(payment.method), charge_request(payment)
    return gateway.cancel(request) if cancel else gateway.retrieve(request)


@contextmanager
def _provider_errors_logged(payment: Payment) -> Iterator[None]:
    """Logs a ProviderError, and raises ProviderUnavailable for the client."""
    try:
        yield
    except ProviderError as error:
        logger.error(
            "Payment processing failed",
            extra={
                "user_id": payment.payer_id,
                "payment_method": payment.method.lower(),
                "error_code": error.code,
                "payment_id": payment.pk,
            },
            exc_info=error,
        )
        raise exceptions.ProviderUnavailable from error
