"""Stripe Checkout: a page hosted by Stripe where the payer enters a card.

The payer may try another card after a decline, so a declined PaymentIntent of Checkout does not end
the payment: `ATTEMPT` in its metadata marks it.
"""

from datetime import timedelta
from itertools import islice
from typing import Any

import stripe
from stripe.params.checkout import SessionCreateParams

from apps.payments.gateways import parsing
from apps.payments.gateways.base import ChargeRequest, Outcome, ProviderError, ProviderResult
from apps.payments.gateways.stripe.client import CHARGES, to_dict

ATTEMPT = {"created_by": "checkout"}
MAX_SESSIONS = 1000
CLOCK_SKEW = timedelta(minutes=5)
OUTCOMES = {"open": Outcome.PROCESSING, "expired": Outcome.DECLINED}


def is_session(provider_id: str) -> bool:
    return provider_id.startswith("cs_")


def is_from_checkout(intent: Any) -> bool:
    return parsing.text(intent, "metadata", "created_by") == ATTEMPT["created_by"]


def create(client: stripe.StripeClient, request: ChargeRequest) -> ProviderResult:
    metadata = {"reference": str(request.reference)}
    params: SessionCreateParams = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": request.amount,
                    "product_data": {"name": "Entry fee"},
                },
            }
        ],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata | ATTEMPT},
        "success_url": request.return_url,
        "cancel_url": request.return_url,
    }
    options: stripe.RequestOptions = {"idempotency_key": str(request.reference)}
    result = _result(to_dict(client.v1.checkout.sessions.create(params, options)))
    if not result.approve_url:
        raise ProviderError("malformed_response")
    return result


def find(client: stripe.StripeClient, request: ChargeRequest) -> dict[str, Any] | None:
    """The session of this request, among the newest `MAX_SESSIONS` since it was created."""
    since = int((request.created_at - CLOCK_SKEW).timestamp())
    sessions = client.v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
    for listed in islice(sessions.auto_paging_iter(), MAX_SESSIONS):
        session = to_dict(listed)
        if parsing.text(session, "metadata", "reference") == str(request.reference):
            return session
    return None


def retrieve(client: stripe.StripeClient, session_id: str) -> ProviderResult:
    """The state of the session, or of the PaymentIntent of a complete one."""
    response = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    session = to_dict(response)
    if parsing.text(session, "status") == "complete":
        return parsing.result(session.get("payment_intent"), CHARGES)
    return _result(session)


def _result(session: dict[str, Any]) -> ProviderResult:
    session_id, outcome = parsing.text(session, "id"), OUTCOMES.get(parsing.text(session, "status"))
    if not is_session(session_id) or outcome is None:
        raise ProviderError("malformed_response")
    approve_url = parsing.url(session, "url")
    return ProviderResult(outcome=outcome, provider_id=session_id, approve_url=approve_url)
