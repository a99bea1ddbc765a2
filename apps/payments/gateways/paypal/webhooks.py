"""PayPal's webhooks: what is signed is `id|time|webhook id|crc32 of the body`, by the key of a
certificate whose address is told along with it."""

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from apps.payments.gateways import parsing
from apps.payments.gateways.base import Notice, Outcome, WebhookRefused
from apps.payments.gateways.paypal import amounts, certificates

TOLERANCE = timedelta(seconds=300)
ALGORITHM = "SHA256withRSA"
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


class Verifier:
    def __init__(
        self,
        webhook_id: str,
        fetch: Callable[[str], bytes] = certificates.fetch,
        authorities: Callable[[], tuple[x509.Certificate, ...]] = certificates.public_authorities,
    ) -> None:
        self._webhook_id, self._fetch, self._authorities = webhook_id, fetch, authorities
        self._kept: dict[str, bytes] = {}

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Raises WebhookRefused; Unavailable where the certificate cannot be had."""
        if headers.get("PayPal-Auth-Algo") != ALGORITHM:
            raise WebhookRefused("another algorithm")
        _check_age(headers.get("PayPal-Transmission-Time", ""))
        key = self._key(headers.get("PayPal-Cert-Url", ""))
        try:
            signature = base64.b64decode(headers.get("PayPal-Transmission-Sig", ""), validate=True)
            key.verify(
                signature, signed_text(body, headers, self._webhook_id), PKCS1v15(), SHA256()
            )
        except (InvalidSignature, binascii.Error, ValueError) as fault:
            raise WebhookRefused("the signature does not fit") from fault
        return understood(parsing.document(body))

    def _key(self, url: str) -> RSAPublicKey:
        certificates.check_url(url)
        if url not in self._kept:
            pem = self._fetch(url)
            certificates.checked_key(pem, self._authorities())  # what does not hold is not kept
            while len(self._kept) >= certificates.MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[url] = pem
        return certificates.checked_key(self._kept[url], self._authorities())


def signed_text(body: bytes, headers: Mapping[str, str], webhook_id: str) -> bytes:
    told = (
        headers.get("PayPal-Transmission-Id", ""),
        headers.get("PayPal-Transmission-Time", ""),
        webhook_id,
        str(zlib.crc32(body)),
    )
    return "|".join(told).encode()


def _check_age(told: str) -> None:
    try:
        sent = datetime.fromisoformat(told)
    except ValueError as fault:
        raise WebhookRefused("no time") from fault
    if sent.tzinfo is None or datetime.now(UTC) - sent > TOLERANCE:
        raise WebhookRefused("too old")


def understood(event: dict[str, Any]) -> Notice:
    name, about = parsing.named(event, "event_type"), parsing.at(event, "resource")
    told: dict[str, Any] = {"event_id": parsing.named(event, "id"), "name": name}
    reference = parsing.reference(about, "custom_id")
    order = parsing.word(about, "supplementary_data", "related_ids", "order_id")
    if name in CHARGES:
        return Notice(**told, reference=reference, provider_id=order, outcome=CHARGES[name])
    if name in REFUNDS:
        return Notice(
            **told,
            reference=reference,
            provider_id=order,
            refund_outcome=REFUNDS[name],
            refund_reference=parsing.reference(about, "invoice_id"),
            refund_id=parsing.named(about, "id"),
            amount=amounts.named(about, "amount", "value"),
        )
    return Notice(**told)
