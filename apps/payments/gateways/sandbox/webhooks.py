"""The sandbox's webhooks: a WebhookNotification as JSON, signed by HMAC together with the time."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from pydantic import TypeAdapter, ValidationError

from apps.payments.gateways.base import InvalidWebhook, Outcome, WebhookNotification
from apps.payments.models import SandboxCharge, SandboxRefund, SandboxWebhook

HEADER = "Sandbox-Signature"
TOLERANCE = timedelta(minutes=5)


def sign(method: str, body: bytes) -> dict[str, str]:
    return {HEADER: _signer(method).sign(sha256(body).hexdigest())}


def parse_webhook(method: str, body: bytes, headers: Mapping[str, str]) -> WebhookNotification:
    try:
        digest = _signer(method).unsign(headers.get(HEADER, ""), max_age=TOLERANCE)
    except BadSignature as error:
        raise InvalidWebhook(str(error)) from error
    if digest != sha256(body).hexdigest():
        raise InvalidWebhook("signature does not match")
    try:
        notification = TypeAdapter(WebhookNotification).validate_json(body)
    except ValidationError as error:
        raise InvalidWebhook("malformed") from error
    if {notification.outcome, notification.refund_outcome} - {"", *Outcome}:
        raise InvalidWebhook("unknown outcome")
    return notification


def schedule_charge(charge: SandboxCharge, *, due_at: datetime, times: int = 1) -> None:
    name = f"charge.{charge.outcome}"
    _schedule(charge, due_at, times, name=name, outcome=charge.outcome)


def schedule_refund(refund: SandboxRefund, *, due_at: datetime) -> None:
    _schedule(
        refund.charge,
        due_at,
        name="refund.succeeded",
        refund_outcome=Outcome.SUCCEEDED,
        refund_reference=str(refund.reference or ""),
        refund_id=refund.provider_id,
        amount=refund.amount,
    )


def _schedule(charge: SandboxCharge, due_at: datetime, times: int = 1, **fields: Any) -> None:
    notification = WebhookNotification(
        event_id=f"evt_sandbox_{uuid.uuid4().hex}",
        reference=str(charge.reference),
        provider_id=charge.provider_id,
        **fields,
    )
    body = json.dumps(asdict(notification))
    SandboxWebhook.objects.create(method=charge.method, body=body, due_at=due_at, times=times)


def _signer(method: str) -> TimestampSigner:
    return TimestampSigner(salt=f"apps.payments.sandbox.{method}")
