"""A server that completes the TLS handshake with a self-signed certificate, then closes."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class TlsServer:
    def __init__(self, folder: Path, *, expires_in: timedelta = timedelta(days=30)) -> None:
        """With a negative `expires_in` the certificate has expired."""
        self.expires = (datetime.now(UTC) + expires_in).replace(microsecond=0)
        self.certificate = folder / f"certificate-{expires_in.days}.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_create_certificate(self.certificate, self.expires))
        self._context = context
        self._socket = socket.create_server((HOST, 0))
        self._thread = threading.Thread(target=self._serve)

    @property
    def address(self) -> str:
        return f"{HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # the socket was closed
                return
            connection.settimeout(5)
            try:
                self._context.wrap_socket(connection, server_side=True).close()
            except OSError:  # the client does not trust the certificate
                connection.close()


def _create_certificate(path: Path, expires: datetime) -> Path:
    """Writes a key and its certificate for this host to the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(expires - timedelta(days=365))
        .not_valid_after(expires)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
    return path
