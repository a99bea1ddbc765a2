"""Stripe's webhooks, verified by its SDK."""

from collections.abc import Mapping
from typing import Any

import stripe

from apps.payments.gateways import parsing
from apps.payments.gateways.base import InvalidWebhook, Outcome, WebhookNotification
from apps.payments.gateways.stripe.checkout import is_from_checkout

TOLERANCE_SECONDS = 300
ATTEMPT_FAILED, SESSION_EXPIRED = "payment_intent.payment_failed", "checkout.session.expired"
CHARGES = {
    "payment_intent.processing": Outcome.PROCESSING,
    "payment_intent.succeeded": Outcome.SUCCEEDED,
    ATTEMPT_FAILED: Outcome.DECLINED,
    "payment_intent.canceled": Outcome.DECLINED,
}
REFUNDS = ("refund.created", "refund.updated", "refund.failed")
REFUND_OUTCOMES = {
    "pending": Outcome.PROCESSING,
    "requires_action": Outcome.PROCESSING,
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.DECLINED,
    "canceled": Outcome.DECLINED,
}


def parse_webhook(body: bytes, headers: Mapping[str, str], secret: str) -> WebhookNotification:
    signature = headers.get("Stripe-Signature", "")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise InvalidWebhook(type(error).__name__) from error
    return _notification(parsing.parse_object(body))


def _notification(event: dict[str, Any]) -> WebhookNotification:
    name = parsing.required(parsing.text(event, "type"))
    subject = parsing.value_at(event, "data", "object")
    fields: dict[str, Any] = {"event_id": parsing.required(parsing.text(event, "id")), "name": name}
    reference = parsing.reference(subject, "metadata", "reference")
    if name in CHARGES:
        may_retry = name == ATTEMPT_FAILED and is_from_checkout(subject)
        return WebhookNotification(
            **fields,
            reference=reference,
            provider_id=parsing.required(parsing.text(subject, "id")),
            outcome=Outcome.PROCESSING if may_retry else CHARGES[name],
        )
    if name == SESSION_EXPIRED and reference:
        return WebhookNotification(**fields, reference=reference, outcome=Outcome.DECLINED)
    refund_outcome = REFUND_OUTCOMES.get(parsing.text(subject, "status"), "")
    if name in REFUNDS and refund_outcome:
        return WebhookNotification(
            **fields,
            reference=reference,
            provider_id=parsing.text(subject, "payment_intent"),
            refund_outcome=refund_outcome,
            refund_reference=parsing.reference(subject, "metadata", "refund_reference"),
            refund_id=parsing.required(parsing.text(subject, "id")),
            amount=parsing.required(parsing.amount(subject, "amount")),
        )
    return WebhookNotification(**fields)
