from collections.abc import Iterable

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.payments.exceptions import PaymentNotFound
from apps.payments.models import Invoice, Payment, Posting, Refund, Wallet


def payments_of(*, payer: User) -> QuerySet[Payment]:
    """With invoice and refunds. Of any number: show them by pages."""
    return payer.payments.select_related("invoice").prefetch_related("refunds")


def payment_get(*, payment_id: int, payer: User) -> Payment:
    """Raises PaymentNotFound, for other people's payments too."""
    payment = payments_of(payer=payer).filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    return payment


def under_way(*, registrations: Iterable[int]) -> set[int]:
    """Of these registrations, those with a payment of which the end is not known yet."""
    waiting = Payment.objects.filter(status__in=Payment.OPEN)
    invoices = waiting.filter(invoice__registration__in=list(registrations))
    return set(invoices.values_list("invoice__registration", flat=True))


def payment_under_way(*, registration_id: int) -> Payment | None:
    """The payment of which the end is not known yet: there is one at most. With its invoice."""
    waiting = Payment.objects.filter(status__in=Payment.OPEN).select_related("invoice")
    return waiting.filter(invoice__registration=registration_id).first()


def fee_is_back(*, registration_id: int) -> bool:
    """Whether no payment for it is kept, and none is owed any more. One that is given back may have
    been one too many: the invoice is paid by another, or still to be."""
    kept = (Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED)
    settled = Invoice.objects.filter(registration_id=registration_id)
    settled = settled.exclude(status=Invoice.Status.DUE)
    return settled.exclude(payments__status__in=kept).exists()


def refunded(payment: Payment, *statuses: Refund.Status) -> int:
    given_back = payment.refunds.filter(status__in=statuses)
    total: int = given_back.aggregate(total=Coalesce(Sum("amount"), 0))["total"]
    return total


def refundable(payment: Payment) -> int:
    """What is neither back nor on its way. Both together may be more than came, where somebody gave
    back at the provider what we were about to: the provider then refuses ours."""
    return max(0, payment.invoice.amount - refunded(payment, *Refund.OWED))


def fee_kept(*, registration_id: int) -> int:
    """What voiding its invoice gives back, in minor units."""
    paid = Payment.objects.filter(invoice__registration=registration_id, status__in=Payment.PAID)
    return sum(refundable(payment) for payment in paid.select_related("invoice"))


def wallet_balance(*, owner: User) -> int:
    """In whole coins; 0 for who never had any."""
    return Wallet.objects.filter(owner=owner).values_list("balance", flat=True).first() or 0


def wallet_history(*, owner: User) -> QuerySet[Posting]:
    """Coins that came and went, with what for. Of any number: show them by pages."""
    return Posting.objects.filter(wallet__owner=owner).select_related("transfer")
