"""What the sandbox tells, in the words of Stripe and PayPal, and when."""

import json
import time
import uuid
from datetime import datetime
from typing import Any

from apps.payments.gateways.base import Outcome
from apps.payments.gateways.paypal import amounts
from apps.payments.models import SandboxCharge, SandboxRefund, SandboxWebhook

STRIPE_CHARGES = {
    Outcome.SUCCEEDED: ("payment_intent.succeeded", "succeeded"),
    Outcome.DECLINED: ("payment_intent.payment_failed", "requires_payment_method"),
}
PAYPAL_CHARGES = {
    Outcome.SUCCEEDED: ("PAYMENT.CAPTURE.COMPLETED", "COMPLETED"),
    Outcome.DECLINED: ("PAYMENT.CAPTURE.DECLINED", "DECLINED"),
}


def post_charge(charge: SandboxCharge, *, due_at: datetime, times: int) -> None:
    is_stripe = charge.method == "STRIPE"
    event = _stripe_charge(charge) if is_stripe else _paypal_charge(charge)
    _post(charge.method, event, due_at, times)


def post_refund(refund: SandboxRefund, *, due_at: datetime) -> None:
    is_stripe = refund.charge.method == "STRIPE"
    event = _stripe_refund(refund) if is_stripe else _paypal_refund(refund)
    _post(refund.charge.method, event, due_at, times=1)


def _post(method: str, event: dict[str, Any], due_at: datetime, times: int) -> None:
    SandboxWebhook.objects.create(method=method, body=json.dumps(event), due_at=due_at, times=times)


def _stripe(name: str, about: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "created": int(time.time()),
        "livemode": False,
        "type": name,
        "data": {"object": about},
    }


def _stripe_charge(charge: SandboxCharge) -> dict[str, Any]:
    name, status = STRIPE_CHARGES[Outcome(charge.outcome)]
    intent = {
        "id": charge.provider_id,
        "object": "payment_intent",
        "amount": charge.amount,
        "currency": charge.currency.lower(),
        "status": status,
        "metadata": {"reference": str(charge.reference)},
    }
    return _stripe(name, intent)


def _stripe_refund(refund: SandboxRefund) -> dict[str, Any]:
    ours = {"refund_reference": str(refund.reference)} if refund.reference else {}
    return _stripe(
        "refund.updated",
        {
            "id": refund.provider_id,
            "object": "refund",
            "amount": refund.amount,
            "currency": refund.charge.currency.lower(),
            "status": "succeeded",
            "payment_intent": refund.charge.provider_id,
            "metadata": ours | {"reference": str(refund.charge.reference)},
        },
    )


def _paypal(name: str, kind: str, about: dict[str, Any]) -> dict[str, Any]:
    identifier = f"WH-{uuid.uuid4().hex}"
    return {"id": identifier, "event_type": name, "resource_type": kind, "resource": about}


def _paypal_charge(charge: SandboxCharge) -> dict[str, Any]:
    name, status = PAYPAL_CHARGES[Outcome(charge.outcome)]
    capture = {
        "id": f"CAPTURE-{charge.provider_id}",
        "status": status,
        "amount": amounts.told(charge.amount, charge.currency),
        "custom_id": str(charge.reference),
        "supplementary_data": {"related_ids": {"order_id": charge.provider_id}},
    }
    return _paypal(name, "capture", capture)


def _paypal_refund(refund: SandboxRefund) -> dict[str, Any]:
    about = {
        "id": refund.provider_id,
        "status": "COMPLETED",
        "amount": amounts.told(refund.amount, refund.charge.currency),
        "custom_id": str(refund.charge.reference),
        "invoice_id": str(refund.reference or refund.charge.reference),
    }
    return _paypal("PAYMENT.CAPTURE.REFUNDED", "refund", about)
