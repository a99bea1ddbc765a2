"""Stripe's webhooks, with Stripe's signature, and the events that a payment records."""

import json
import time
import uuid
from datetime import timedelta
from typing import Any

import stripe
from django.test import Client
from django.utils import timezone

from apps.events.models import EventRecord
from apps.payments.models import Payment, Refund
from tests.payments.stripe_double import WEBHOOK_SECRET

SUCCEEDED = ["payment.started", "payment.processing", "payment.succeeded"]
REFUNDED = ["payment.refund_started", "payment.refund_succeeded", "payment.refunded"]


def event_names(payment: Payment) -> list[str]:
    records = EventRecord.objects.filter(stream=f"payment:{payment.pk}")
    return list(records.order_by("seq").values_list("name", flat=True))


def poll_again_now() -> None:
    """The last requests for open payments and refunds were five minutes ago."""
    for model in (Payment, Refund):
        model.objects.update(last_polled_at=timezone.now() - timedelta(minutes=5))


def stripe_event(name: str, subject: dict[str, Any], event_id: str = "") -> str:
    event_id = event_id or f"evt_{uuid.uuid4().hex}"
    event = {"id": event_id, "object": "event", "type": name, "data": {"object": subject}}
    return json.dumps(event)


def stripe_charge(payment: Payment, name: str = "succeeded", event_id: str = "") -> str:
    intent = {"id": f"pi_{payment.pk}", "metadata": {"reference": str(payment.reference)}}
    return stripe_event(f"payment_intent.{name}", intent, event_id)


def stripe_refund(
    payment: Payment,
    amount: int,
    refund_id: str = "re_1",
    *,
    name: str = "refund.updated",
    **fields: Any,
) -> str:
    """A refund that was created in Stripe's dashboard: without metadata."""
    refund = {
        "id": refund_id,
        "amount": amount,
        "status": "succeeded",
        "payment_intent": f"pi_{payment.pk}",
        "metadata": {},
    }
    return stripe_event(name, refund | fields)


def post_stripe(body: str, *, secret: str = WEBHOOK_SECRET, age: int = 0) -> Any:
    """The response to a signed webhook."""
    signature = stripe.WebhookSignature.generate_signature_header(
        body, secret, int(time.time()) - age
    )
    return post("stripe", body.encode(), {"stripe-signature": signature})


def post(provider: str, body: bytes, headers: dict[str, str]) -> Any:
    return Client(enforce_csrf_checks=True).post(
        f"/api/webhooks/{provider}", body, "application/json", headers=headers
    )
