"""The certificates that PayPal signs webhooks with, fetched once and checked each time."""

import warnings
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from apps.core import rate_limits
from apps.payments.gateways.base import Unavailable, WebhookRefused

SECONDS = 5
LONGEST = 64 * 1024
MOST_KEPT = 16
DOMAIN = ".paypal.com"


def fetch(url: str) -> bytes:
    """Raises Unavailable, also where it is asked too often: whoever sends us a webhook names the
    certificate, and a worker waits for it."""
    if not rate_limits.try_acquire("certificates", DOMAIN):
        raise Unavailable("too_many_certificates")
    http = urllib3.PoolManager(timeout=SECONDS, retries=False, ca_certs=certifi.where())
    try:
        answer = http.request("GET", url, redirect=False, preload_content=False)
        body = answer.read(LONGEST)
    except urllib3.exceptions.HTTPError as fault:
        raise Unavailable("certificate_out_of_reach") from fault
    finally:
        http.clear()
    if answer.status != 200:
        raise Unavailable("certificate_out_of_reach")
    return body


@cache
def public_authorities() -> tuple[x509.Certificate, ...]:
    """Those that browsers trust, but for one or two that are not to the letter of RFC 5280."""
    whole = Path(certifi.where()).read_bytes()
    end = b"-----END CERTIFICATE-----"
    read = (_read(one + end) for one in whole.split(end)[:-1])
    return tuple(one for one in read if one is not None)


def _read(pem: bytes) -> x509.Certificate | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        try:
            return x509.load_pem_x509_certificate(pem)
        except (ValueError, CryptographyDeprecationWarning):
            return None


def check_url(url: str) -> None:
    """Only PayPal publishes there. Raises WebhookRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise WebhookRefused("no certificate URL") from fault
    is_theirs = (parts.hostname or "").endswith(DOMAIN) and parts.username is None
    if parts.scheme != "https" or not is_theirs or port not in (None, 443):
        raise WebhookRefused("a certificate from elsewhere")


def checked_key(pem: bytes, authorities: tuple[x509.Certificate, ...]) -> RSAPublicKey:
    """The key of a certificate that an authority vouches for, now, and that is PayPal's. Raises
    WebhookRefused."""
    try:
        leaf, *others = x509.load_pem_x509_certificates(pem)
        policy = PolicyBuilder().store(Store(list(authorities))).time(datetime.now(UTC))
        policy.build_server_verifier(x509.DNSName(_name(leaf))).verify(leaf, others)
    except (ValueError, VerificationError) as fault:
        raise WebhookRefused("nobody vouches for the certificate") from fault
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey):
        raise WebhookRefused("the certificate has no RSA key")
    return key


def _name(leaf: x509.Certificate) -> str:
    """A name of PayPal's. Raises ValueError where it has none."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as fault:
        raise ValueError("the certificate names nobody") from fault
    for name in names.get_values_for_type(x509.DNSName):
        if name.endswith(DOMAIN):
            return name
    raise ValueError("the certificate is not PayPal's")
