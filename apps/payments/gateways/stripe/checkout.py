"""Stripe's own page (Checkout), on which payers say what they pay with.

Its payment intent is made when they do. A card that is declined there is not the end of it, as they
can try another one: `MARK` in its metadata says so of an intent.
"""

from datetime import timedelta
from itertools import islice
from typing import Any

import stripe
from stripe.params.checkout import SessionCreateParams

from apps.payments.gateways import parsing
from apps.payments.gateways.base import Answer, Order, Outcome, Unavailable
from apps.payments.gateways.stripe.errors import fields

MARK = {"asked_on": "checkout"}
MOST_SESSIONS = 1000
SKEW = timedelta(minutes=5)  # between Stripe's clock and ours
OUTCOMES = {"open": Outcome.PROCESSING, "expired": Outcome.DECLINED}


def is_session(provider_id: str) -> bool:
    return provider_id.startswith("cs_")


def is_of_session(intent: Any) -> bool:
    return parsing.word(intent, "metadata", "asked_on") == MARK["asked_on"]


def create(client: stripe.StripeClient, order: Order) -> Answer:
    reference = {"reference": str(order.reference)}
    params: SessionCreateParams = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.currency.lower(),
                    "unit_amount": order.amount,
                    "product_data": {"name": "Entry fee"},
                },
            }
        ],
        "metadata": reference,
        "payment_intent_data": {"metadata": reference | MARK},
        "success_url": order.back_to,
        "cancel_url": order.back_to,
    }
    options: stripe.RequestOptions = {"idempotency_key": str(order.reference)}
    answer = _answer(fields(client.v1.checkout.sessions.create(params, options)))
    if not answer.approve_at:
        raise Unavailable("malformed_answer")
    return answer


def find(client: stripe.StripeClient, order: Order) -> dict[str, Any] | None:
    """The session that was made for it, among the `MOST_SESSIONS` newest that can be."""
    since = int((order.created_at - SKEW).timestamp())
    sessions = client.v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
    for session in islice(sessions.auto_paging_iter(), MOST_SESSIONS):
        found = fields(session)
        if parsing.word(found, "metadata", "reference") == str(order.reference):
            return found
    return None


def look_up(client: stripe.StripeClient, session_id: str) -> Answer | dict[str, Any]:
    """How it stands; once it is complete, its intent, which says the rest."""
    found = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    session = fields(found)
    intent = session.get("payment_intent")
    if parsing.word(session, "status") != "complete":
        return _answer(session)
    if not isinstance(intent, dict):
        raise Unavailable("malformed_answer")
    return intent


def _answer(session: dict[str, Any]) -> Answer:
    session_id, outcome = parsing.word(session, "id"), OUTCOMES.get(parsing.word(session, "status"))
    if not is_session(session_id) or outcome is None:
        raise Unavailable("malformed_answer")
    return Answer(outcome=outcome, provider_id=session_id, approve_at=parsing.url(session, "url"))
