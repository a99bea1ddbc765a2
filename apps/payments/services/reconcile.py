"""Provider, payments and ledger, held against each other.

Looked at is what came to rest within two days and is old enough for the provider's book to have it:
young payments, and older ones that went back, if they began within 30 days and are among the last
5,000. The book is read page by page, from the oldest of them on and for two days at least. Each
disagreement is logged with its payment, and counted by what it is about:

    missing_here   the provider charged for a payment of ours that we do not know
    missing_there  we say it was charged, and the provider's book has no such charge
    amount         charged, but another amount or currency
    status         one of us says that it was charged, the other that it was not
    refunds        another sum was given back
    refund_failed  money that is owed back and that the provider would not return, however old
    ledger         our own books have another sum than the payment and its refunds
"""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import Entry
from apps.payments.models import Payment, Posting, Refund

logger = logging.getLogger(__name__)
WINDOW = timedelta(days=2)
REACH = timedelta(days=30)  # PayPal's search takes 31 days at a time
MOST_PAYMENTS = 5_000  # 50 pages of Stripe's, 10 of PayPal's
SKEW = timedelta(hours=1)  # a payment is written down before it is charged, by up to this
Status = Payment.Status
CHARGED = (Status.SUCCEEDED, Status.REFUNDING, Status.PARTIALLY_REFUNDED, Status.REFUNDED)


def reconcile(method: str) -> Counter[str]:
    """How many disagreements of each kind. Raises Unavailable."""
    gateway, now = gateway_for(method), timezone.now()
    until = now - timedelta(seconds=gateway.book_lag)
    start = _start(method, until)
    book = {entry.reference: entry for entry in gateway.book(start - SKEW, now)}
    found: Counter[str] = Counter()
    for kind, reference in [
        *_missing_here(method, book),
        *(one for ours in _ours(method, start, until) for one in _disagreements(ours, book)),
        *_refunds_failed(method),
    ]:
        found[kind] += 1
        logger.error(
            "Payments disagree",
            extra={"kind": kind, "payment_method": method.lower(), "reference": str(reference)},
        )
    return found


class Ours(NamedTuple):
    payment: Payment
    returned: int  # what was given back
    posted: int  # what the ledger has in its provider's account


def _at_rest(method: str, until: datetime) -> QuerySet[Payment]:
    changed = Payment.objects.filter(method=method, changed_at__gt=until - WINDOW)
    return changed.filter(changed_at__lt=until).exclude(status__in=Payment.OPEN)


def _start(method: str, until: datetime) -> datetime:
    """When the oldest began of those that are compared, and two days ago at least."""
    payments = Payment.objects.filter(method=method).order_by("-pk")
    beyond = payments.values_list("created_at", flat=True)[MOST_PAYMENTS : MOST_PAYMENTS + 1]
    furthest = max([until - REACH, *beyond])
    oldest = _at_rest(method, until).filter(created_at__gt=furthest).aggregate(at=Min("created_at"))
    return min(until - WINDOW, oldest["at"] or until)


def _ours(method: str, start: datetime, until: datetime) -> Iterator[Ours]:
    returned = Sum("refunds__amount", filter=Q(refunds__status=Refund.Status.SUCCEEDED))
    compared = _at_rest(method, until).filter(created_at__gte=start)
    rows = compared.select_related("invoice").annotate(
        returned=Coalesce(returned, 0), posted=Coalesce(Subquery(_posted()), 0)
    )
    for row in rows.iterator(chunk_size=500):
        yield Ours(row, row.returned, row.posted)


def _posted() -> QuerySet[Posting, int]:
    here = Posting.objects.filter(
        transfer__payment=OuterRef("pk"), wallet__house=OuterRef("method")
    )
    sums = here.values("transfer__payment").annotate(sum=Sum("amount"))
    return sums.values_list("sum", flat=True)


def _disagreements(ours: Ours, book: dict[UUID, Entry]) -> Iterator[tuple[str, UUID]]:
    payment, reference = ours.payment, ours.payment.reference
    charged, entry = payment.status in CHARGED, book.get(reference)
    if entry is None and charged:
        yield "missing_there", reference
    elif entry is not None:
        yield from ((kind, reference) for kind in _differences(ours, entry, charged=charged))
    if ours.posted != charged * payment.invoice.amount - ours.returned:
        yield "ledger", reference


def _differences(ours: Ours, entry: Entry, *, charged: bool) -> Iterator[str]:
    invoice, status = ours.payment.invoice, ours.payment.status
    if entry.charged != charged:
        yield "status"
    elif charged and (entry.amount, entry.currency) != (invoice.amount, invoice.currency):
        yield "amount"
    elif status != Status.REFUNDING and entry.refunded != ours.returned:
        yield "refunds"


def _missing_here(method: str, book: dict[UUID, Entry]) -> Iterator[tuple[str, UUID]]:
    charged = [reference for reference, entry in book.items() if entry.charged]
    for start in range(0, len(charged), 500):
        chunk = charged[start : start + 500]
        ours = Payment.objects.filter(method=method, reference__in=chunk)
        known = set(ours.values_list("reference", flat=True))
        yield from (("missing_here", one) for one in chunk if one not in known)


def _refunds_failed(method: str) -> Iterator[tuple[str, UUID]]:
    """Not those that were tried again and came through."""
    stuck = Payment.objects.filter(
        method=method, status=Status.REFUNDING, refunds__status=Refund.Status.FAILED
    ).exclude(refunds__status=Refund.Status.PENDING)
    for reference in stuck.distinct().values_list("reference", flat=True):
        yield "refund_failed", reference
