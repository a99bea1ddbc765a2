"""Stripe's book: the payment intents that are ours."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe
from stripe.params import PaymentIntentListParams

from apps.payments.gateways import parsing
from apps.payments.gateways.base import Entry, Unavailable
from apps.payments.gateways.stripe.errors import told

MOST_ENTRIES = 10_000


def entries(client: stripe.StripeClient, start: datetime, end: datetime) -> Iterator[Entry]:
    """Raises Unavailable."""
    params: PaymentIntentListParams = {
        "created": {"gte": int(start.timestamp()), "lt": int(end.timestamp())},
        "limit": 100,
        "expand": ["data.latest_charge"],
    }
    pages = told(lambda: client.v1.payment_intents.list(params)).auto_paging_iter()
    for _ in range(MOST_ENTRIES):
        intent = told(lambda: next(pages, None))
        if intent is None:
            return
        if entry := _entry(intent.to_dict()):
            yield entry
    raise Unavailable("more_than_can_be_listed")


def _entry(intent: dict[str, Any]) -> Entry | None:
    """None for what is no payment of ours."""
    reference = parsing.reference(intent, "metadata", "reference")
    if not reference:
        return None
    return Entry(
        reference=UUID(reference),
        amount=parsing.amount(intent, "amount"),
        currency=parsing.word(intent, "currency").upper(),
        charged=parsing.word(intent, "status") == "succeeded",
        refunded=parsing.amount(intent, "latest_charge", "amount_refunded"),
    )
