"""Reconciles the provider's transaction report, the payments and the ledger.

Compared are payments whose status changed within two days and before the provider's report delay,
if they were created within 30 days and are among the latest 5,000. Each discrepancy is logged with
the payment's reference, and counted by kind:

    missing_here   the report has a charge without a payment
    missing_there  the payment was charged, but the report does not have it
    amount         amount or currency differ
    status         only the payment, or only the report, has it as charged
    refunds        the refunded amounts differ
    refund_failed  a refund is due, but the provider rejected it; of any age
    ledger         the provider's account differs from the payment and its refunds
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import ProviderTransaction
from apps.payments.models import Payment, Posting, Refund

logger = logging.getLogger(__name__)
WINDOW = timedelta(days=2)
MAX_AGE = timedelta(days=30)  # PayPal's search covers at most 31 days
MAX_PAYMENTS = 5_000  # 50 pages of Stripe's list, 10 of PayPal's
CLOCK_SKEW = timedelta(hours=1)  # a payment is created before it is charged, by up to this
Status = Payment.Status
CHARGED = (Status.SUCCEEDED, Status.REFUNDING, Status.PARTIALLY_REFUNDED, Status.REFUNDED)
Report = dict[UUID, ProviderTransaction]


def reconcile(method: str) -> Counter[str]:
    """The number of discrepancies by kind. Raises ProviderError."""
    gateway, now = gateway_for(method), timezone.now()
    until = now - timedelta(seconds=gateway.report_delay)
    start = _start(method, until)
    transactions = gateway.list_transactions(start - CLOCK_SKEW, now)
    report = {transaction.reference: transaction for transaction in transactions}
    counts: Counter[str] = Counter()
    for kind, reference in _discrepancies(method, report, start, until):
        counts[kind] += 1
        logger.error(
            "Payments disagree",
            extra={"kind": kind, "payment_method": method.lower(), "reference": str(reference)},
        )
    return counts


def _discrepancies(
    method: str, report: Report, start: datetime, until: datetime
) -> Iterator[tuple[str, UUID]]:
    charged = [reference for reference, transaction in report.items() if transaction.charged]
    known = Payment.objects.filter(method=method).in_bulk(charged, field_name="reference")
    yield from (("missing_here", reference) for reference in charged if reference not in known)
    succeeded = Q(refunds__status=Refund.Status.SUCCEEDED)
    payments = (
        _settled(method, until)
        .filter(created_at__gte=start)
        .annotate(
            refunded=Sum("refunds__amount", filter=succeeded, default=0),
            posted=Coalesce(Subquery(_posted()), 0),
        )
    )
    for payment in payments.select_related("invoice").iterator():
        kinds = _compare(payment, report.get(payment.reference), payment.refunded, payment.posted)
        yield from ((kind, payment.reference) for kind in kinds)
    yield from (("refund_failed", reference) for reference in _refunds_failed(method))


def _settled(method: str, until: datetime) -> QuerySet[Payment]:
    changed = Payment.objects.filter(method=method, status_changed_at__gt=until - WINDOW)
    return changed.filter(status_changed_at__lt=until).exclude(status__in=Payment.OPEN)


def _start(method: str, until: datetime) -> datetime:
    """When the oldest payment to compare was created, at the latest two days ago."""
    payments = Payment.objects.filter(method=method).order_by("-pk")
    beyond = payments.values_list("created_at", flat=True)[MAX_PAYMENTS : MAX_PAYMENTS + 1]
    limit = max([until - MAX_AGE, *beyond])
    settled = _settled(method, until).filter(created_at__gt=limit)
    oldest = settled.aggregate(created_at=Min("created_at"))["created_at"]
    return min(until - WINDOW, oldest or until)


def _posted() -> QuerySet[Posting, int]:
    """The sum of a payment's postings in the account of its provider."""
    postings = Posting.objects.filter(
        transfer__payment=OuterRef("pk"), wallet__house=OuterRef("method")
    )
    sums = postings.values("transfer__payment").annotate(sum=Sum("amount"))
    return sums.values_list("sum", flat=True)


def _compare(
    payment: Payment, transaction: ProviderTransaction | None, refunded: int, posted: int
) -> Iterator[str]:
    charged, invoice = payment.status in CHARGED, payment.invoice
    expected = (invoice.amount, invoice.currency)
    if transaction is None:
        if charged:
            yield "missing_there"
    elif transaction.charged != charged:
        yield "status"
    elif charged and (transaction.amount, transaction.currency) != expected:
        yield "amount"
    elif payment.status != Status.REFUNDING and transaction.refunded != refunded:
        yield "refunds"
    if posted != charged * invoice.amount - refunded:
        yield "ledger"


def _refunds_failed(method: str) -> QuerySet[Payment, UUID]:
    """A payment whose refund succeeded on a later attempt is not `refunding` any more."""
    failed = Payment.objects.filter(
        method=method, status=Status.REFUNDING, refunds__status=Refund.Status.FAILED
    ).exclude(refunds__status=Refund.Status.PENDING)
    return failed.distinct().values_list("reference", flat=True)
