"""The sandbox's signatures: Stripe's with a secret of our own, PayPal's with a certificate of its
own authority. Both are verified by the code that verifies the real ones."""

import base64
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from apps.payments.gateways.base import Notice
from apps.payments.gateways.paypal.webhooks import ALGORITHM, Verifier, signed_text
from apps.payments.gateways.sandbox import authority
from apps.payments.models import SandboxKey

WEBHOOK_ID = "WH-SANDBOX"
CERTIFICATE_URL = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1"
STRIPES = "apps.payments.gateways.stripe.webhooks"  # imports the SDK


def notice(method: str, body: bytes, headers: Mapping[str, str]) -> Notice:
    """Raises WebhookRefused."""
    if method == "STRIPE":
        understood: Notice = import_string(f"{STRIPES}.notice")(body, headers, stripe_secret())
        return understood
    return _verifier(key().chain).notice(body, headers)


def signed(method: str, body: str) -> dict[str, str]:
    """The headers it is sent with."""
    if method == "STRIPE":
        headers: dict[str, str] = import_string(f"{STRIPES}.signed")(body, stripe_secret())
        return headers
    return _signed_as_paypal(body)


def stripe_secret() -> str:
    return "whsec_" + salted_hmac("payments.sandbox", "stripe", algorithm="sha256").hexdigest()


def key() -> SandboxKey:
    """Made once for all processes."""
    found = SandboxKey.objects.filter(pk=1).first()
    if found is not None and authority.is_over(found.chain):
        found.delete()
        found = None
    if found is None:
        private, chain = authority.made()
        made = SandboxKey(pk=1, private_key=private, chain=chain)
        SandboxKey.objects.bulk_create([made], ignore_conflicts=True)
    return found or SandboxKey.objects.get(pk=1)


@cache
def _verifier(chain: str) -> Verifier:
    """PayPal's, that takes the certificate from our table and trusts our authority alone."""
    pem = chain.encode()
    root = x509.load_pem_x509_certificates(pem)[-1]
    return Verifier(WEBHOOK_ID, fetch=lambda _: pem, authorities=lambda: (root,))


def _signed_as_paypal(body: str) -> dict[str, str]:
    headers = {
        "PayPal-Transmission-Id": str(uuid.uuid4()),
        "PayPal-Transmission-Time": datetime.now(UTC).isoformat(timespec="seconds"),
        "PayPal-Cert-Url": CERTIFICATE_URL,
        "PayPal-Auth-Algo": ALGORITHM,
    }
    text = signed_text(body.encode(), headers, WEBHOOK_ID)
    loaded = load_pem_private_key(key().private_key.encode(), password=None)
    assert isinstance(loaded, RSAPrivateKey)
    signature = loaded.sign(text, PKCS1v15(), SHA256())
    return headers | {"PayPal-Transmission-Sig": base64.b64encode(signature).decode()}
