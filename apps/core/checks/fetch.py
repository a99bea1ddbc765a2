"""One GET, for a check of a server that may be anything.

It follows no redirect, so a token goes where it was meant to go and nowhere else. The whole answer,
its last byte included, has to be there in time, and may only be so large.
"""

import asyncio
import os
import re
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from urllib.parse import SplitResult, urljoin, urlsplit

MEGABYTE = 1024 * 1024
LARGEST = 16 * MEGABYTE


class NoAnswer(Exception):
    """The text says why there is none."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str  # absolute; empty where it is no redirect


def origin(address: str) -> str:
    """`http://host:port` of what somebody typed. Raises ValueError, whose text is for them and has
    no password in it."""
    if "@" in address:
        raise ValueError("The URL holds a user or a password. Leave them out.")
    try:
        parts = urlsplit(address)
        host = parts.netloc.encode("idna").decode()
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a bracket too few, a port that is no number, a name that cannot be one
        usable = None
    if not usable or not host.isprintable() or " " in host:
        raise ValueError(f"{address} is no http or https URL.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{address} is more than an address. Give {parts.scheme}://{host}")
    return f"{parts.scheme}://{host}"


def get(url: str, *, seconds: float, token: str = "") -> Answer:
    """Raises NoAnswer: nobody there, no HTTP, not whole in time, too large."""
    try:
        return asyncio.run(_get(url, seconds, token))
    except TimeoutError:
        raise NoAnswer(f"no answer within {seconds:.3g} s") from None
    except HTTPException as fault:
        raise NoAnswer(f"what answers speaks no HTTP ({type(fault).__name__})") from None
    except OSError as fault:
        raise NoAnswer(_reason(fault)) from None


async def _get(url: str, seconds: float, token: str) -> Answer:
    """The clock runs from the name's look-up to the last byte."""
    parts = urlsplit(url)
    async with asyncio.timeout(seconds):
        received = _Received(await _exchange(parts, _request(parts, token)))
    answer = HTTPResponse(received)  # type: ignore[arg-type] # it asks a socket for its file alone
    answer.begin()
    body = answer.read().decode(errors="replace")
    location = answer.getheader("Location", "") if 300 <= answer.status < 400 else ""
    return Answer(answer.status, body, _absolute(url, location) if location else "")


def _request(parts: SplitResult, token: str) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: close",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _exchange(parts: SplitResult, request: bytes) -> bytes:
    """All that comes back until the other side closes, as it was asked to."""
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if tls else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
    received = bytearray()
    try:
        writer.write(request)
        while chunk := await reader.read(MEGABYTE):
            received += chunk
            if len(received) > LARGEST:
                raise NoAnswer(f"more than {LARGEST // MEGABYTE} MB of answer")
    finally:
        writer.transport.abort()  # a polite end could take as long as the other side likes
    return bytes(received)


class _Received:
    """What http.client takes for a socket that it has yet to read."""

    def __init__(self, raw: bytes) -> None:
        self.makefile = lambda *_: BytesIO(raw)


def _absolute(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _reason(fault: OSError) -> str:
    """In the system's words: asyncio has its own, and one text for several addresses."""
    if isinstance(fault, ssl.SSLError):
        return f"TLS: {fault.reason or fault}"
    if isinstance(fault, socket.gaierror):
        return str(fault.strerror)
    numbers = re.findall(r"\[Errno (\d+)\]", str(fault))
    return ", ".join(dict.fromkeys(os.strerror(int(one)) for one in numbers)) or str(fault)
