"""A certificate authority of our own, and a certificate of it that could be PayPal's."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "messageverificationcerts.sandbox.paypal.com"
GOOD_FOR = timedelta(days=365)
RENEWED_BEFORE = timedelta(days=1)
ROOT = "DeltaCrown sandbox"
SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def made(
    name: str = NAME, *, start: datetime | None = None, lasts: timedelta = GOOD_FOR
) -> tuple[str, str]:
    """A private key, and its certificate followed by that of the authority."""
    start = start or datetime.now(UTC) - timedelta(minutes=5)
    root_key, own_key = _key(), _key()
    root = _root(root_key, start, lasts)
    own = _own(name, own_key, root_key, start, lasts)
    private = own_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = own.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    return private.decode(), chain.decode()


def is_over(chain: str) -> bool:
    """A day before it is."""
    own = x509.load_pem_x509_certificate(chain.encode())
    return own.not_valid_after_utc - RENEWED_BEFORE < datetime.now(UTC)


def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _root(key: RSAPrivateKey, start: datetime, lasts: timedelta) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _begun(ROOT, key, start, lasts)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(SIGNS_CERTIFICATES, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256())
    )


def _own(
    name: str, key: RSAPrivateKey, root_key: RSAPrivateKey, start: datetime, lasts: timedelta
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        _begun(name, key, start, lasts)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(root_key, SHA256())
    )


def _begun(
    name: str, key: RSAPrivateKey, start: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(ROOT))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
