from django.utils import timezone

from apps.accounts.models import User
from apps.payments.models import Invoice, Payment
from apps.payments.services.refunds import refund_remaining


def invoice_create(*, registration_id: int, payer: User, amount: int, currency: str) -> Invoice:
    """Call inside the transaction that creates the registration."""
    return Invoice.objects.create(
        registration_id=registration_id, payer=payer, amount=amount, currency=currency
    )


def invoice_void(*, registration_id: int, refund: bool) -> bool:
    """Cancels open payments and refunds paid ones. Without `refund`, a paid invoice is left as it
    is: False then. Call inside a transaction."""
    invoice = Invoice.objects.select_for_update().filter(registration_id=registration_id).first()
    if invoice is None or invoice.status == Invoice.Status.VOID:
        return True
    if invoice.status == Invoice.Status.PAID and not refund:
        return False
    invoice.status = Invoice.Status.VOID
    invoice.save(update_fields=["status"])
    invoice.payments.filter(status__in=Payment.OPEN).update(canceled_at=timezone.now())
    for payment in invoice.payments.select_for_update().filter(status__in=Payment.PAID):
        payment.invoice = invoice
        refund_remaining(payment)
    return True
