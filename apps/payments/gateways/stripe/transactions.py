"""Stripe's PaymentIntents, as a transaction report."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

import stripe
from stripe.params import PaymentIntentListParams

from apps.payments.gateways import parsing
from apps.payments.gateways.base import ProviderError, ProviderTransaction
from apps.payments.gateways.stripe.client import provider_errors

MAX_TRANSACTIONS = 10_000


def list_transactions(
    client: stripe.StripeClient, start: datetime, end: datetime
) -> Iterator[ProviderTransaction]:
    """Without PaymentIntents that another application created."""
    params: PaymentIntentListParams = {
        "created": {"gte": int(start.timestamp()), "lt": int(end.timestamp())},
        "limit": 100,
        "expand": ["data.latest_charge"],
    }
    with provider_errors():
        intents = client.v1.payment_intents.list(params).auto_paging_iter()
        for listed in islice(intents, MAX_TRANSACTIONS):
            intent = listed.to_dict()
            if reference := parsing.reference(intent, "metadata", "reference"):
                yield ProviderTransaction(
                    reference=UUID(reference),
                    amount=parsing.amount(intent, "amount"),
                    currency=parsing.text(intent, "currency").upper(),
                    charged=parsing.text(intent, "status") == "succeeded",
                    refunded=parsing.amount(intent, "latest_charge", "amount_refunded"),
                )
        if next(intents, None) is not None:
            raise ProviderError("too_many_transactions")
