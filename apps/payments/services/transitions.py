"""The status of a payment. Nothing else writes it.

A payment that succeeds after its invoice was voided, or after it was canceled, becomes `refunding`
without a `payment.succeeded` event. A `refunded` payment becomes `refunding` again if the provider
reverses a refund.
"""

from typing import Any

from django.utils import timezone

from apps.events.recording import record
from apps.payments.events import PaymentEvent
from apps.payments.exceptions import IllegalTransition
from apps.payments.models import Invoice, Payment

Status = Payment.Status
TRANSITIONS: dict[Status, set[Status]] = {
    Status.CREATED: {Status.PROCESSING, Status.SUCCEEDED, Status.FAILED, Status.REFUNDING},
    Status.PROCESSING: {Status.SUCCEEDED, Status.FAILED, Status.REFUNDING},
    Status.SUCCEEDED: {Status.REFUNDING},
    Status.FAILED: {Status.REFUNDING},
    Status.REFUNDING: {Status.SUCCEEDED, Status.PARTIALLY_REFUNDED, Status.REFUNDED},
    Status.PARTIALLY_REFUNDED: {Status.REFUNDING},
    Status.REFUNDED: {Status.REFUNDING},
}


def locked_payment(payment_id: int) -> Payment:
    """The payment with its invoice, both locked."""
    invoice = Invoice.objects.select_for_update().get(payments=payment_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    payment.invoice = invoice
    return payment


def set_status(payment: Payment, status: Status, event: type[PaymentEvent] | None = None) -> None:
    if status not in TRANSITIONS[Status(payment.status)]:
        raise IllegalTransition(f"payment {payment.pk}: {payment.status} to {status}")
    payment.status = status
    payment.status_changed_at = timezone.now()
    payment.save(update_fields=["status", "status_changed_at"])
    if event is not None:
        record(event(**event_fields(payment)))


def event_fields(payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": payment.pk,
        "registration_id": payment.invoice.registration_id,
        "method": payment.method,
        "amount": payment.invoice.amount,
        "currency": payment.invoice.currency,
    }
