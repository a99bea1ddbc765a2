from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.urls import reverse

from apps.accounts.models import User
from apps.payments.exceptions import PaymentNotFound
from apps.payments.gateways.base import ChargeRequest
from apps.payments.models import Invoice, Payment, Posting, Refund, Wallet


def payments_of(*, payer: User) -> QuerySet[Payment]:
    """With invoice and refunds. Unbounded: paginate it."""
    return payer.payments.select_related("invoice").prefetch_related("refunds")


def payment_get(*, payment_id: int, payer: User) -> Payment:
    """Raises PaymentNotFound, also for payments of other users."""
    payment = payments_of(payer=payer).filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    return payment


def registrations_with_open_payment(*, registrations: Iterable[int]) -> set[int]:
    payments = Payment.objects.filter(status__in=Payment.OPEN)
    invoices = payments.filter(invoice__registration__in=list(registrations))
    return set(invoices.values_list("invoice__registration", flat=True))


def open_payment(*, registration_id: int) -> Payment | None:
    """The payment that has not settled yet, if any, with its invoice."""
    payments = Payment.objects.filter(status__in=Payment.OPEN).select_related("invoice")
    return payments.filter(invoice__registration=registration_id).first()


def is_fee_refunded(*, registration_id: int) -> bool:
    """Whether the invoice is closed and none of its payments is kept. A refunded payment may be a
    duplicate, while another one pays the invoice."""
    kept = (Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED)
    invoices = Invoice.objects.filter(registration_id=registration_id)
    closed = invoices.exclude(status=Invoice.Status.DUE)
    return closed.exclude(payments__status__in=kept).exists()


def charge_request(payment: Payment) -> ChargeRequest:
    return_path = reverse("payment_return", args=[payment.invoice.registration_id])
    return ChargeRequest(
        reference=payment.reference,
        created_at=payment.created_at,
        amount=payment.invoice.amount,
        currency=payment.invoice.currency,
        source=payment.source,
        return_url=f"{settings.PUBLIC_URL}{return_path}",
        provider_id=payment.provider_id,
    )


def refunded_amount(payment: Payment, *statuses: Refund.Status) -> int:
    refunds = payment.refunds.filter(status__in=statuses)
    total: int = refunds.aggregate(total=Sum("amount", default=0))["total"]
    return total


def refundable_amount(payment: Payment) -> int:
    """What is neither refunded nor being refunded. Never negative, although a refund started at the
    provider can overlap with a pending one, which the provider then rejects."""
    return max(0, payment.invoice.amount - refunded_amount(payment, *Refund.NOT_FAILED))


def refund_on_withdrawal(*, registration_id: int) -> int:
    """The amount that voiding the invoice refunds."""
    paid = Payment.objects.filter(invoice__registration=registration_id, status__in=Payment.PAID)
    return sum(refundable_amount(payment) for payment in paid.select_related("invoice"))


def wallet_balance(*, owner: User) -> int:
    """In whole coins, 0 without a wallet."""
    return Wallet.objects.filter(owner=owner).values_list("balance", flat=True).first() or 0


def wallet_history(*, owner: User) -> QuerySet[Posting]:
    """With the transfer of each posting. Unbounded: paginate it."""
    return Posting.objects.filter(wallet__owner=owner).select_related("transfer")
