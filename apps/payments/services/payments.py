"""Payments that settle invoices.

A payment is written down, then the provider is asked outside any transaction, then its answer is
written down. Cut short between the two, it is `created` until the same request comes again or
`payments_resume` takes it up; the provider knows it by its reference and charges once.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.core.celery.batches import run_batch
from apps.events.recording import record
from apps.payments.events import PaymentStarted
from apps.payments.exceptions import (
    AlreadyPaid,
    InvoiceNotFound,
    InvoiceVoid,
    MethodNotTaken,
    PaymentInProgress,
    ProviderUnavailable,
    TooLateToPay,
)
from apps.payments.gateways import enabled_methods, gateway_for
from apps.payments.gateways.base import Answer, Order, Outcome, Unavailable
from apps.payments.models import Invoice, Payment
from apps.payments.services import idempotency
from apps.payments.services.settlement import payment_settle
from apps.payments.services.transitions import event_fields

logger = logging.getLogger(__name__)
CUT_SHORT_AFTER = timedelta(seconds=30)
RESUMED_AT_ONCE = 100


def payment_create(
    *, payer: User, registration_id: int, method: str, source: str, idempotency_key: str
) -> Payment:
    """The payment, or what the same request was answered before. Without a `source`, the payer is
    asked on the provider's page: `approve_url`.

    Raises MethodNotTaken, InvoiceNotFound, InvoiceVoid, AlreadyPaid, TooLateToPay,
    PaymentInProgress, IdempotencyKeyReused; CardDeclined for a payment that failed, now or before;
    ProviderUnavailable for one of which the provider did not say how it ended, and which
    `payments_resume` takes up.
    """
    body = idempotency.fingerprint(registration_id, method, source)
    known = idempotency.known(payer, idempotency_key, body)
    if known is None:
        payment = _start(payer, registration_id, method, source, idempotency_key)
    else:
        payment = known.payment
    if known is not None and not known.answered:
        check_not_under_way(payment)
    if payment.status == Payment.Status.CREATED:
        with provider_asked(payment):
            payment = _charge(payment)
    return idempotency.answer(payment)


def payments_resume() -> int:
    """Takes up the payments that were cut short, then asks how those stand that are processing. One
    that stays so for too long, or that nobody wants any more, is given up. Returns how many; raises
    BatchIncomplete."""
    before = timezone.now() - CUT_SHORT_AFTER
    waiting = Payment.objects.filter(status__in=Payment.OPEN, asked_at__lt=before)
    ids = waiting.order_by("status", "asked_at").values_list("pk", flat=True)
    return run_batch(list(ids[:RESUMED_AT_ONCE]), _resume, name="payments")


def _start(
    payer: User, registration_id: int, method: str, source: str, idempotency_key: str
) -> Payment:
    if method not in enabled_methods():
        raise MethodNotTaken(method="is not taken here")
    body = idempotency.fingerprint(registration_id, method, source)
    try:
        with transaction.atomic():
            invoice = _locked_invoice(payer, registration_id)
            if idempotency.known(payer, idempotency_key, body):
                # The same request made it while this one waited for the invoice.
                raise PaymentInProgress
            _check_due(invoice)
            payment = Payment.objects.create(
                invoice=invoice, payer=payer, method=method, source=source
            )
            idempotency.keep(payer, idempotency_key, body, payment)
            record(PaymentStarted(**event_fields(payment)))
    except IntegrityError:
        # Another payment for the invoice, or the key for another one, was a moment faster.
        raise PaymentInProgress from None
    return payment


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
    pay_until = invoice.registration.pay_until
    if pay_until is not None and pay_until <= timezone.now():
        raise TooLateToPay


def check_not_under_way(payment: Payment) -> None:
    """Raises PaymentInProgress where the request that came first is still at it, as far as anybody
    can tell, or where it is to be given up once the provider answers."""
    is_recent = timezone.now() - payment.asked_at <= CUT_SHORT_AFTER
    if payment.status == Payment.Status.CREATED and (is_recent or not payment.is_wanted):
        raise PaymentInProgress


def _charge(payment: Payment) -> Payment:
    """Raises Unavailable."""
    Payment.objects.filter(pk=payment.pk).update(asked_at=timezone.now())
    answer = gateway_for(payment.method).charge(_order(payment))
    return payment_settle(payment_id=payment.pk, answer=answer)


def _resume(payment_id: int) -> None:
    """Raises Unavailable."""
    payment = Payment.objects.select_related("invoice").get(pk=payment_id)
    patience = timedelta(minutes=settings.PAYMENT_GIVE_UP_MINUTES)
    is_overdue = timezone.now() - payment.created_at > patience
    give_up = is_overdue or not payment.is_wanted
    if payment.status == Payment.Status.CREATED and not give_up:
        _charge(payment)
    elif payment.status in Payment.OPEN:
        _look_up(payment, give_up=give_up)


def _look_up(payment: Payment, *, give_up: bool) -> None:
    """Given up, it has failed, and what it should still bring goes back. Raises Unavailable."""
    answer = ask_again(payment, give_up=give_up)
    if give_up and (answer is None or answer.outcome is Outcome.PROCESSING):
        answer = Answer(outcome=Outcome.DECLINED)
    if answer is not None:
        payment_settle(payment_id=payment.pk, answer=answer)


def ask_again(payment: Payment, *, give_up: bool) -> Answer | None:
    """How the provider says it stands, None where it knows of none. Raises Unavailable."""
    Payment.objects.filter(pk=payment.pk).update(asked_at=timezone.now())
    gateway, order = gateway_for(payment.method), _order(payment)
    return gateway.give_up(order) if give_up else gateway.look_up(order)


def _order(payment: Payment) -> Order:
    back = reverse("came_back", args=[payment.invoice.registration_id])
    return Order(
        reference=payment.reference,
        created_at=payment.created_at,
        amount=payment.invoice.amount,
        currency=payment.invoice.currency,
        source=payment.source,
        back_to=f"{settings.PUBLIC_URL}{back}",
        provider_id=payment.provider_id,
    )


@contextmanager
def provider_asked(payment: Payment) -> Iterator[None]:
    """For who waits for the answer: ProviderUnavailable where there is none, which is logged."""
    try:
        yield
    except Unavailable as fault:
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
        raise ProviderUnavailable from fault
