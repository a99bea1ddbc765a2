"""One GET request, for checks of servers that may misbehave.

Redirects are not followed, so a token reaches only the server it was meant for. The deadline covers
everything from the name lookup to the last byte, and the response size is bounded.
"""

import os
import ssl
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException
from threading import Thread
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError

MEGABYTE = 1024 * 1024
MAX_BYTES = 16 * MEGABYTE


class NoResponse(Exception):
    """The text is the reason."""


@dataclass(frozen=True)
class Response:
    status: int
    body: str
    location: str  # absolute; empty unless it is a redirect


def origin(address: str) -> str:
    """`http://host:port` of user input. Raises ValueError, whose text never repeats a password."""
    if "@" in address:
        raise ValueError("The URL has a user name or password. Remove it.")
    try:
        parts = urlsplit(address)
        host = parts.netloc.encode("idna").decode()
        is_valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or not host.isprintable() or " " in host:
        raise ValueError(f"{address} is not an http or https URL.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{address} has a path or query. Use {parts.scheme}://{host}")
    return f"{parts.scheme}://{host}"


def get(url: str, *, timeout: float, token: str = "") -> Response:
    """Raises NoResponse: unreachable, not HTTP, incomplete in time, too large."""
    # urllib3's timeouts start anew with each byte, so a thread is abandoned at the deadline.
    future: Future[Response] = Future()
    Thread(target=_run, args=(future, url, timeout, token), daemon=True).start()
    try:
        return future.result(timeout)
    except NewConnectionError as error:  # a subclass of urllib3's TimeoutError
        raise NoResponse(_reason(error)) from None
    except (TimeoutError, urllib3.exceptions.TimeoutError):
        raise NoResponse(f"no response within {timeout:.3g} s") from None
    except HTTPError as error:
        raise NoResponse(_reason(error)) from None


def _run(future: Future[Response], url: str, timeout: float, token: str) -> None:
    try:
        future.set_result(_get(url, timeout, token))
    except Exception as error:  # `get` raises it in the caller's thread
        future.set_exception(error)


def _get(url: str, timeout: float, token: str) -> Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib3.PoolManager(timeout=timeout, retries=False) as pool:
        response = pool.request("GET", url, headers=headers, redirect=False, preload_content=False)
        body = response.read(MAX_BYTES + 1)
        response.close()
    if len(body) > MAX_BYTES:
        raise NoResponse(f"the response is larger than {MAX_BYTES // MEGABYTE} MB")
    location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
    return Response(response.status, body.decode(errors="replace"), _absolute(url, location))


def _absolute(url: str, location: str) -> str:
    try:
        return urljoin(url, location) if location else ""
    except ValueError:
        return location


def _reason(error: HTTPError) -> str:
    """The operating system's message: urllib3's repeats its own objects."""
    cause: object = error.__cause__ or error.__context__ or error
    if isinstance(error, ProtocolError) and len(error.args) > 1:
        cause = error.args[1]
    if isinstance(cause, HTTPException):
        return f"not an HTTP response ({type(cause).__name__})"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    if isinstance(cause, OSError):
        number = cause.errno or 0  # negative for a failed name lookup
        return os.strerror(number) if number > 0 else str(cause.strerror or cause)
    return str(cause)
