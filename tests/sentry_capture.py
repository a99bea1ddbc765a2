"""Captures what the Sentry SDK sends: in this process, or with a server for its protocol."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from apps.core import sentry


def _unbrotli(body: bytes) -> bytes:
    """The SDK compresses with Brotli if the package is installed."""
    import brotli  # type: ignore[import-untyped]

    return bytes(brotli.decompress(body))


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": _unbrotli,
}


class Envelopes:
    envelopes: list[Envelope]

    def items(self, kind: str) -> list[Any]:
        """The contents of all items of this type."""
        items = [item for envelope in self.envelopes for item in envelope.items]
        return [
            item.payload.json or json.loads(item.get_bytes()) for item in items if item.type == kind
        ]

    def events(self) -> list[Any]:
        return self.items("event")

    def transactions(self) -> list[Any]:
        return self.items("transaction")

    def text(self) -> str:
        """All envelopes as sent, with their headers."""
        return "".join(envelope.serialize().decode(errors="replace") for envelope in self.envelopes)


class Capture(Transport, Envelopes):
    """A transport that keeps envelopes instead of sending them."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.envelopes = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


class SentryServer(Envelopes):
    """Receives envelopes over HTTP, and responds with this status."""

    def __init__(self, status: int = 200) -> None:
        self.envelopes = []
        envelopes = self.envelopes

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                unpack = UNPACK[self.headers.get("Content-Encoding", "")]
                assert self.path == "/api/1/envelope/", self.path
                envelopes.append(Envelope.deserialize(unpack(body)))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def dsn(self) -> str:
        return f"http://public@127.0.0.1:{self._server.server_port}/1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


OPTIONS: dict[str, Any] = {
    "dsn": "https://key@sentry.invalid/1",
    "environment": "staging",
    "release": "1.2.3",
    "traces_sample_rate": 1.0,
    "profiles_sample_rate": 0.0,
    "tags": ("tournament_id", "match_id"),
}


@contextmanager
def capturing(**options: Any) -> Iterator[Capture]:
    """Starts Sentry with OPTIONS and these options, and keeps the envelopes."""
    kept = Capture()
    sentry.init(**(OPTIONS | {"transport": kept} | options))
    try:
        with sentry_sdk.isolation_scope():
            yield kept
    finally:
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def sent_to_sentry() -> Iterator[Capture]:
    """Every request is traced."""
    with capturing() as kept:
        yield kept
