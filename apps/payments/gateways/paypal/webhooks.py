"""PayPal's webhooks, verified by its verify-webhook-signature API."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from apps.core import context, rate_limits
from apps.payments.gateways import parsing
from apps.payments.gateways.base import InvalidWebhook, Outcome, ProviderError, WebhookNotification
from apps.payments.gateways.paypal import amounts
from apps.payments.gateways.paypal.client import Client, RequestRejected

VERIFICATIONS = BoundedSemaphore(2)  # of one process, whose threads they could all occupy
TOLERANCE = timedelta(minutes=5)
VERIFY = "/v1/notifications/verify-webhook-signature"
HEADERS = {
    "auth_algo": "PayPal-Auth-Algo",
    "cert_url": "PayPal-Cert-Url",
    "transmission_id": "PayPal-Transmission-Id",
    "transmission_sig": "PayPal-Transmission-Sig",
    "transmission_time": "PayPal-Transmission-Time",
}
CHARGES = {
    "PAYMENT.CAPTURE.PENDING": Outcome.PROCESSING,
    "PAYMENT.CAPTURE.COMPLETED": Outcome.SUCCEEDED,
    "PAYMENT.CAPTURE.DECLINED": Outcome.DECLINED,
    "PAYMENT.CAPTURE.DENIED": Outcome.DECLINED,
}
REFUNDS = {
    "PAYMENT.CAPTURE.REFUNDED": Outcome.SUCCEEDED,
    "PAYMENT.REFUND.PENDING": Outcome.PROCESSING,
    "PAYMENT.REFUND.FAILED": Outcome.DECLINED,
}


def parse_webhook(
    client: Client, webhook_id: str, body: bytes, headers: Mapping[str, str]
) -> WebhookNotification:
    fields = {name: headers.get(header, "") for name, header in HEADERS.items()}
    if not all(fields.values()):
        raise InvalidWebhook("a PayPal header is missing")
    _check_age(fields["transmission_time"])
    notification = _notification(parsing.parse_object(body))
    _verify(client, fields | {"webhook_id": webhook_id}, body)
    return notification


def _check_age(transmission_time: str) -> None:
    """PayPal's API also accepts replays."""
    try:
        sent_at = datetime.fromisoformat(transmission_time)
    except ValueError as error:
        raise InvalidWebhook("transmission time is malformed") from error
    if sent_at.tzinfo is None or datetime.now(UTC) - sent_at > TOLERANCE:
        raise InvalidWebhook("too old")


def _verify(client: Client, fields: dict[str, str], body: bytes) -> None:
    # Anyone can send an unsigned webhook, and each costs a request to PayPal.
    if not rate_limits.try_acquire("webhook_verifications", context.client()):
        raise ProviderError("rate_limited")
    # The signature covers the event's bytes: parsing and serializing again would break it.
    request = json.dumps(fields).encode().removesuffix(b"}") + b', "webhook_event": ' + body + b"}"
    if not VERIFICATIONS.acquire(blocking=False):
        raise ProviderError("too_many_verifications")
    try:
        response = client.post(VERIFY, request)
    except RequestRejected as error:
        if error.status == 404:  # PAYPAL_WEBHOOK_ID is wrong
            raise
        raise InvalidWebhook(error.code) from error
    finally:
        VERIFICATIONS.release()
    if parsing.text(response, "verification_status") != "SUCCESS":
        raise InvalidWebhook("signature does not match")


def _notification(event: dict[str, Any]) -> WebhookNotification:
    name = parsing.required(parsing.text(event, "event_type"))
    resource = parsing.value_at(event, "resource")
    fields: dict[str, Any] = {"event_id": parsing.required(parsing.text(event, "id")), "name": name}
    if name in CHARGES or name in REFUNDS:
        fields["reference"] = parsing.reference(resource, "custom_id")
        related = parsing.value_at(resource, "supplementary_data", "related_ids")
        fields["provider_id"] = parsing.text(related, "order_id")
    if name in CHARGES:
        return WebhookNotification(**fields, outcome=CHARGES[name])
    if name in REFUNDS:
        return WebhookNotification(
            **fields,
            refund_outcome=REFUNDS[name],
            refund_reference=parsing.reference(resource, "invoice_id"),
            refund_id=parsing.required(parsing.text(resource, "id")),
            amount=parsing.required(amounts.from_paypal(resource, "amount", "value")),
        )
    return WebhookNotification(**fields)
