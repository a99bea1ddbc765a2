"""A server for the protocol of the Sentry SDK, and the envelopes that it receives."""

import gzip
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import brotli  # type: ignore[import-untyped] # the SDK compresses with it if it is installed
from sentry_sdk.envelope import Envelope

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
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
