"""HTTP servers in the test process that behave like payment providers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

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


class Double(Protocol):
    def answer(self, request: Request) -> Reply: ...


class Faults:
    """Replaces responses of a double: each of `coming` once, in this order."""

    def __init__(self, double: Double) -> None:
        self.double = double
        self.coming: list[str | Reply] = []
        self.requests: list[Request] = []
        self.stopped = Event()

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        fault = self.coming.pop(0) if self.coming else ""
        if isinstance(fault, Reply):
            return fault
        reply = self.double.answer(request)
        if fault == "silent":  # the request takes effect, but the response is late
            self.stopped.wait(SILENCE)
        return reply


@contextmanager
def served(double: Double) -> Iterator[tuple[str, Faults]]:
    """The base URL of a server for the double, and its faults."""
    faults = Faults(double)

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
            reply = faults.answer(request)
            written = reply.written()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.send_header("Request-Id", f"req_{len(faults.requests)}")
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
        yield f"http://127.0.0.1:{server.server_port}", faults
    finally:
        faults.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
