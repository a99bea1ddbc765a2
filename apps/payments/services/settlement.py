"""What the provider says of a charge becomes what the payment is, whoever brings it: the request
that asked, a task that asked again, or a webhook. In any order, and as often as it comes."""

from django.db import transaction

from apps.payments.events import PaymentFailed, PaymentProcessing, PaymentSucceeded
from apps.payments.gateways.base import Answer, Outcome
from apps.payments.models import Invoice, Payment
from apps.payments.services import money
from apps.payments.services.refunds import refund_rest
from apps.payments.services.transitions import Status, locked, move


@transaction.atomic
def payment_settle(*, payment_id: int, answer: Answer) -> Payment:
    payment = locked(payment_id)
    _remember(payment, answer)
    if answer.outcome is Outcome.SUCCEEDED:
        _succeed(payment)
    elif answer.outcome is Outcome.DECLINED and payment.status in Payment.OPEN:
        move(payment, Status.FAILED, PaymentFailed)
    elif answer.outcome is Outcome.PROCESSING and payment.status == Status.CREATED:
        move(payment, Status.PROCESSING, PaymentProcessing)
    return payment


def _remember(payment: Payment, answer: Answer) -> None:
    """What is charged may have another number than what the payer was asked to approve."""
    is_last = answer.outcome is Outcome.SUCCEEDED
    if answer.provider_id and (is_last or not payment.provider_id):
        payment.provider_id = answer.provider_id
    if answer.approve_at is not None:
        payment.approve_url = answer.approve_at
    payment.save(update_fields=["provider_id", "approve_url"])


def _succeed(payment: Payment) -> None:
    """The money is theirs. Where nobody waits for it any more, it goes back."""
    invoice = payment.invoice
    if payment.status in Payment.OPEN and invoice.status == Invoice.Status.DUE:
        invoice.status = Invoice.Status.PAID
        invoice.save(update_fields=["status"])
        move(payment, Status.SUCCEEDED, PaymentSucceeded)
        money.book_charge(payment)
    elif payment.status in (*Payment.OPEN, Status.FAILED):
        refund_rest(payment)
        money.book_charge(payment)
