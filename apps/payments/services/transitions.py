"""What a payment may become, from what. Nothing else writes its status.

A payment that ends well after its invoice was voided, or after it was given up, goes straight to
`refunding`: nobody is told that it succeeded. What is `refunded` is `refunding` again where the
provider takes a refund back.
"""

from typing import Any

from django.utils import timezone

from apps.events.recording import record
from apps.payments.events import PaymentEvent
from apps.payments.exceptions import IllegalMove
from apps.payments.models import Invoice, Payment

Status = Payment.Status
MOVES: dict[Status, frozenset[Status]] = {
    Status.CREATED: frozenset(
        {Status.PROCESSING, Status.SUCCEEDED, Status.FAILED, Status.REFUNDING}
    ),
    Status.PROCESSING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.REFUNDING}),
    Status.SUCCEEDED: frozenset({Status.REFUNDING}),
    Status.FAILED: frozenset({Status.REFUNDING}),
    Status.REFUNDING: frozenset({Status.SUCCEEDED, Status.PARTIALLY_REFUNDED, Status.REFUNDED}),
    Status.PARTIALLY_REFUNDED: frozenset({Status.REFUNDING}),
    Status.REFUNDED: frozenset({Status.REFUNDING}),
}


def locked(payment_id: int) -> Payment:
    """The payment with its invoice, both locked."""
    invoice = Invoice.objects.select_for_update().get(payments=payment_id)
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    payment.invoice = invoice
    return payment


def move(payment: Payment, status: Status, event: type[PaymentEvent] | None = None) -> None:
    """Raises IllegalMove."""
    if status not in MOVES[Status(payment.status)]:
        raise IllegalMove(f"payment {payment.pk} is {payment.status} and cannot become {status}")
    payment.status = status
    payment.changed_at = timezone.now()
    payment.save(update_fields=["status", "changed_at"])
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
