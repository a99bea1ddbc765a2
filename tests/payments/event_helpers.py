"""Webhooks as Stripe and PayPal write them, signed as they sign them."""

import base64
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.test import Client

from apps.payments.gateways.paypal.webhooks import Verifier, signed_text
from apps.payments.gateways.sandbox import authority, signing
from apps.payments.models import Payment

WEBHOOK_ID = "WH-1"
CERTIFICATE = "https://api.paypal.com/v1/notifications/certs/CERT-1"


def stripe_event(name: str, about: dict[str, Any], event_id: str = "") -> str:
    identifier = event_id or f"evt_{uuid.uuid4().hex}"
    return json.dumps(
        {"id": identifier, "object": "event", "type": name, "data": {"object": about}}
    )


def stripe_charge(payment: Payment, name: str = "succeeded", event_id: str = "") -> str:
    about = {"id": f"pi_{payment.pk}", "metadata": {"reference": str(payment.reference)}}
    return stripe_event(f"payment_intent.{name}", about, event_id)


def stripe_refund(
    payment: Payment,
    amount: int,
    refund_id: str = "re_1",
    *,
    named: str = "refund.updated",
    **fields: Any,
) -> str:
    """One that somebody made on Stripe's own pages: it knows nothing of us but the intent."""
    about = {
        "id": refund_id,
        "amount": amount,
        "status": "succeeded",
        "payment_intent": f"pi_{payment.pk}",
        "metadata": {},
    }
    return stripe_event(named, about | fields)


def tell_stripe(body: str | bytes, *, secret: str = "", age: int = 0) -> Any:
    """What our endpoint answers to it."""
    written = body.decode("latin-1") if isinstance(body, bytes) else body
    signature = stripe.WebhookSignature.generate_signature_header(
        written, secret or signing.stripe_secret(), int(time.time()) - age
    )
    return post("stripe", written.encode(), {"stripe-signature": signature})


def post(provider: str, body: bytes, headers: dict[str, str]) -> Any:
    return Client(enforce_csrf_checks=True).post(
        f"/api/webhooks/{provider}", body, "application/json", headers=headers
    )


class PayPalSigner:
    """A PayPal with an authority of its own, which `verifier` trusts."""

    def __init__(self, name: str = authority.NAME, **validity: Any) -> None:
        key, self.chain = authority.made(name, **validity)
        loaded = load_pem_private_key(key.encode(), None)
        assert isinstance(loaded, RSAPrivateKey)
        self.key, self.fetched = loaded, 0

    def verifier(self, trusted: "PayPalSigner | None" = None) -> Verifier:
        root = x509.load_pem_x509_certificates((trusted or self).chain.encode())[-1]
        return Verifier(WEBHOOK_ID, fetch=self._fetch, authorities=lambda: (root,))

    def headers(self, body: bytes, *, age: float = 0, **changed: str) -> dict[str, str]:
        headers = {
            "PayPal-Transmission-Id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
            "PayPal-Transmission-Time": (datetime.now(UTC) - timedelta(seconds=age)).isoformat(),
            "PayPal-Cert-Url": CERTIFICATE,
            "PayPal-Auth-Algo": "SHA256withRSA",
        }
        signature = self.key.sign(signed_text(body, headers, WEBHOOK_ID), PKCS1v15(), SHA256())
        headers["PayPal-Transmission-Sig"] = base64.b64encode(signature).decode()
        return headers | {name.replace("_", "-"): value for name, value in changed.items()}

    def _fetch(self, url: str) -> bytes:
        assert url.startswith("https://")
        self.fetched += 1
        return self.chain.encode()
