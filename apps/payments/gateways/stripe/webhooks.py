"""Stripe's webhooks: verified by its SDK, then put in our words."""

from collections.abc import Mapping
from typing import Any

import stripe

from apps.payments.gateways import parsing
from apps.payments.gateways.base import Notice, Outcome, WebhookRefused
from apps.payments.gateways.stripe import refunds
from apps.payments.gateways.stripe.checkout import is_of_session

TOLERANCE_SECONDS = 300
CHARGES = {
    "payment_intent.processing": Outcome.PROCESSING,
    "payment_intent.succeeded": Outcome.SUCCEEDED,
    "payment_intent.payment_failed": Outcome.DECLINED,
    "payment_intent.canceled": Outcome.DECLINED,
}
ATTEMPT_FAILED, SESSION_EXPIRED = "payment_intent.payment_failed", "checkout.session.expired"
REFUNDS = ("refund.created", "refund.updated", "refund.failed")


def notice(body: bytes, headers: Mapping[str, str], secret: str) -> Notice:
    """Raises WebhookRefused."""
    signature = headers.get("Stripe-Signature", "")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError) as fault:
        raise WebhookRefused(type(fault).__name__) from fault
    return understood(parsing.document(body))


def signed(body: str, secret: str) -> dict[str, str]:
    """The headers under which Stripe would send it."""
    return {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, secret)}


def understood(event: dict[str, Any]) -> Notice:
    name, about = parsing.named(event, "type"), parsing.at(event, "data", "object")
    told: dict[str, Any] = {"event_id": parsing.named(event, "id"), "name": name}
    reference = parsing.reference(about, "metadata", "reference")
    if name in CHARGES:
        goes_on = name == ATTEMPT_FAILED and is_of_session(about)
        return Notice(
            **told,
            reference=reference,
            provider_id=parsing.named(about, "id"),
            outcome=Outcome.PROCESSING if goes_on else CHARGES[name],
        )
    if name == SESSION_EXPIRED and reference:
        return Notice(**told, reference=reference, outcome=Outcome.DECLINED)
    outcome = refunds.OUTCOMES.get(parsing.word(about, "status"), "")
    if name in REFUNDS and outcome:
        return Notice(
            **told,
            reference=reference,
            provider_id=parsing.word(about, "payment_intent"),
            refund_outcome=outcome,
            refund_reference=parsing.reference(about, "metadata", "refund_reference"),
            refund_id=parsing.named(about, "id"),
            amount=parsing.named_amount(about, "amount"),
        )
    return Notice(**told)
