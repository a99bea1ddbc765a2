"""One GET request, for checks of servers that may misbehave.

Redirects are not followed, so a token reaches only the server it was meant for. The deadline covers
everything from the name lookup to the last byte, and the response size is bounded.
"""

import ssl
from concurrent.futures import Future
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from apps.core.checks import Failed

MAX_BYTES = 16 * 2**20


class Response(NamedTuple):
    status: int
    body: str
    location: str  # empty unless it is a redirect


def origin(address: str) -> str:
    """`http://host:port` of user input. Raises Failed, whose text never repeats a password."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.encode("idna").decode()
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or "@" in host or not host.isprintable() or " " in host:
        raise Failed("The URL is not like http://localhost:8000.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise Failed(f"The URL has a path or query. Use {parts.scheme}://{host}")
    return f"{parts.scheme}://{host}"


def get(origin: str, path: str, *, timeout: float, token: str = "") -> Response:
    """Raises Failed: unreachable, not HTTP, incomplete in time, too large."""
    future: Future[Response] = Future()

    def run() -> None:
        try:
            future.set_result(_get(origin, path, timeout, token))
        except Exception as error:  # raised below, in the caller's thread
            future.set_exception(error)

    # A socket's timeout starts anew with each byte, so a thread is abandoned at the deadline.
    Thread(target=run, daemon=True).start()
    try:
        return future.result(timeout)
    except TimeoutError:
        reason = f"no response within {timeout:.3g} s"
    except HTTPException as error:
        reason = f"not an HTTP response ({type(error).__name__})"
    except ssl.SSLError as error:
        reason = f"TLS: {error.reason or error}"
    except OSError as error:
        reason = error.strerror or str(error)
    raise Failed(f"{origin}{path}: {reason}")


def _get(origin: str, path: str, timeout: float, token: str) -> Response:
    scheme, _, host = origin.partition("://")
    connect = HTTPSConnection if scheme == "https" else HTTPConnection
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with closing(connect(host, timeout=timeout)) as connection:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise OSError(f"the response is larger than {MAX_BYTES // 2**20} MB")
    if response.length:  # bytes that did not arrive
        raise IncompleteRead(body)
    location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
    return Response(response.status, body.decode(errors="replace"), location)
