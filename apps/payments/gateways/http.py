"""An HTTP client of payment providers that limits the time and the size of each response."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from threading import Event, Timer
from typing import Any

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ProtocolError

CONNECT_SECONDS = 3
MAX_BYTES = 10 * 2**20  # ten times a page of PayPal's transaction search


def http_client(seconds: float) -> urllib3.PoolManager:
    """Requests raise urllib3's HTTPError. `seconds` limits the time from request to response."""
    client = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
        retries=False,
        ca_certs=certifi.where(),
    )
    client.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return client


class _Connection(HTTPConnection):
    """Reads each response completely, so that urllib3 does not read it without the limits."""

    def request(self, *args: Any, **options: Any) -> None:
        super().request(*args, **options | {"preload_content": False})

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 does
        with _deadline(self.sock, self.timeout):
            response = super().getresponse()
            content = response.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ProtocolError("The response is too large")
        return urllib3.HTTPResponse(
            BytesIO(content), response.headers, response.status, decode_content=False
        )


class _HttpsConnection(_Connection, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


@contextmanager
def _deadline(connected: socket.socket, seconds: float | None) -> Iterator[None]:
    """Raises TimeoutError. The timeout of a socket starts again with each byte that arrives."""
    assert seconds is not None
    expired = Event()

    def expire() -> None:
        expired.set()
        with suppress(OSError):  # it is closed already
            # SSLSocket.shutdown must not run while another thread reads.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    timer = Timer(seconds, expire)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if expired.is_set():
            raise TimeoutError
