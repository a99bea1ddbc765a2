"""Applies a provider's result to a payment, from a request, a task or a webhook, in any order and
any number of times."""

from django.db import transaction

from apps.payments.events import PaymentFailed, PaymentProcessing, PaymentSucceeded
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Invoice, Payment
from apps.payments.services import ledger
from apps.payments.services.refunds import refund_remaining
from apps.payments.services.transitions import Status, locked_payment, set_status


@transaction.atomic
def payment_settle(*, payment_id: int, result: ProviderResult) -> Payment:
    payment = locked_payment(payment_id)
    _store(payment, result)
    if result.outcome is Outcome.SUCCEEDED:
        _succeed(payment)
    elif result.outcome is Outcome.DECLINED and payment.status in Payment.OPEN:
        set_status(payment, Status.FAILED, PaymentFailed)
    elif result.outcome is Outcome.PROCESSING and payment.status == Status.CREATED:
        set_status(payment, Status.PROCESSING, PaymentProcessing)
    return payment


def _store(payment: Payment, result: ProviderResult) -> None:
    """The id of a charge replaces that of the page where the payer approved it."""
    is_final = result.outcome is Outcome.SUCCEEDED
    if result.provider_id and (is_final or not payment.provider_id):
        payment.provider_id = result.provider_id
    if result.approve_url is not None:
        payment.approve_url = result.approve_url
    payment.save(update_fields=["provider_id", "approve_url"])


def _succeed(payment: Payment) -> None:
    """Refunds a charge that is not owed."""
    invoice = payment.invoice
    if payment.status in Payment.OPEN and invoice.status == Invoice.Status.DUE:
        invoice.status = Invoice.Status.PAID
        invoice.save(update_fields=["status"])
        set_status(payment, Status.SUCCEEDED, PaymentSucceeded)
        ledger.post_charge(payment)
    elif payment.status in (*Payment.OPEN, Status.FAILED):
        refund_remaining(payment)
        ledger.post_charge(payment)
