"""HTTP servers in the test process that behave like payment providers."""

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from apps.payments.gateways.base import (
    ChargeRequest,
    Gateway,
    Outcome,
    Provider,
    ProviderResult,
    ProviderTransaction,
)

RETURN_URL = "https://crown.example/pay/1/back"
SILENCE = 60.0  # seconds, longer than any timeout of the tests


class Request(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # by lower-case name
    body: bytes

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Reply(NamedTuple):
    status: int
    body: Any  # bytes, or any JSON value

    def written(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ProviderDouble(ABC):
    """A provider's API, with the values of its credentials and its test cards. `coming` replaces
    the next responses, each of them once; an empty string replaces nothing."""

    CREDENTIALS: tuple[str, ...]
    GOOD: str
    SLOW: str
    DECLINED: str
    provider: Provider
    gateway: Gateway  # which sends its requests to this double

    def __init__(self) -> None:
        self.coming: list[str | Reply] = []
        self.requests: list[Request] = []
        self.stopped = Event()
        self._answered: dict[str, Reply] = {}

    def receive(self, request: Request) -> Reply:
        self.requests.append(request)
        fault = self.coming.pop(0) if self.coming else ""
        if isinstance(fault, Reply):
            return fault
        reply = self.answer(request)
        if fault == "silent":  # the request takes effect, but the response is late
            self.stopped.wait(SILENCE)
        return reply

    def charged(self, source: str) -> ChargeRequest:
        """A charge that the gateway has sent, with its id at the provider."""
        request = charge_request(source)
        return replace(request, provider_id=self.gateway.charge(request).provider_id)

    def answer_once(self, key: str, answer: Callable[[], Reply]) -> Reply:
        """The first response to requests with this key."""
        if not key:
            return answer()
        if key not in self._answered:
            self._answered[key] = answer()
        return self._answered[key]

    @abstractmethod
    def answer(self, request: Request) -> Reply: ...

    @abstractmethod
    def pay_on_page(self, provider_id: str) -> None: ...

    @abstractmethod
    def complete(self, provider_id: str) -> None:
        """Completes a slow charge."""

    @abstractmethod
    def charges(self) -> int:
        """How many the provider has, paid or not."""

    @abstractmethod
    def is_charged(self, provider_id: str) -> bool: ...

    @abstractmethod
    def refunded(self) -> int:
        """The sum of all refunds in minor units."""


def charge_request(source: str = "", **fields: Any) -> ChargeRequest:
    values: dict[str, Any] = {
        "amount": 1005,
        "currency": "EUR",
        "source": source,
        "return_url": RETURN_URL,
    }
    now = datetime.now(UTC)
    return ChargeRequest(reference=uuid.uuid4(), created_at=now, **(values | fields))


def report(gateway: Gateway) -> Iterator[ProviderTransaction]:
    """The transactions since an hour ago."""
    now = datetime.now(UTC)
    return gateway.list_transactions(now - timedelta(hours=1), now + timedelta(minutes=1))


def outcome(result: ProviderResult | None) -> Outcome:
    assert result
    return result.outcome


@contextmanager
def served(double: ProviderDouble) -> Iterator[str]:
    """The base URL of a server for the double."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            reply = double.receive(request)
            written = reply.written()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.send_header("Request-Id", f"req_{len(double.requests)}")
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = handle_any  # noqa: N815 the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that time out
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        double.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
