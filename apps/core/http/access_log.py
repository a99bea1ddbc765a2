"""Logs one record per request and per socket: route, outcome, duration.

    application = AccessLog(application)            # around Django, and around the sockets
    MIDDLEWARE = ["...AccessLogMiddleware", ...]    # first: adds what only Django knows

The record is written where the response leaves the process. It exists for responses that never
reached Django, and counts the bytes of a stream.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core import context
from apps.core.conf import conf
from apps.core.http import client_ip
from apps.core.logging.redaction import without_tokens
from apps.core.types import App, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

NOTES = "access_log"
MAX_PATH = 256
CLIENT_CLOSED_REQUEST = 499  # nginx's status for a client that did not wait for the response
FORBIDDEN = 403


class AccessLog:
    """ASGI middleware."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        record = RequestRecord(scope) if scope["type"] == "http" else SocketRecord(scope)

        async def receive_and_inspect() -> Any:
            message = await receive()
            record.inspect(message)
            return message

        async def send_and_inspect(message: Message) -> None:
            await send(message)
            record.inspect(message)

        try:
            await self.app({**scope, NOTES: record.notes}, receive_and_inspect, send_and_inspect)
        finally:
            record.write()
        return None


class AccessLogMiddleware:
    """Django middleware that adds the route, the user and the fields of the context."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        notes = getattr(request, "scope", {}).get(NOTES, {})
        # Only a user that was loaded already: the log must not query the database.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.pk is not None:
            notes["user_id"] = user.pk
        notes.update(_context_fields())
        notes["route"] = (request.resolver_match.route or "/") if request.resolver_match else ""
        return response


class AccessRecord:
    message = ""
    level = logging.INFO

    def __init__(self, scope: Scope, outcome: dict[str, Any]) -> None:
        self.notes: dict[str, Any] = {}
        self.outcome = outcome
        self.bytes = 0
        self._started = time.perf_counter()
        self._path, self._client = _redacted(scope["path"]), client_ip.of_scope(scope)

    def write(self) -> None:
        milliseconds = round((time.perf_counter() - self._started) * 1000, 1)
        common = {"path": self._path, "duration_ms": milliseconds, "client": self._client}
        extra = self.outcome | common | {"bytes": self.bytes} | _context_fields() | self.notes
        logger.log(self.level, self.message, extra=extra)


class RequestRecord(AccessRecord):
    """`route` is always present: it is empty for what never reached Django."""

    message = "Request answered"

    def __init__(self, scope: Scope) -> None:
        method = _redacted(scope["method"])[:16]
        outcome = {"method": method, "route": "", "status": CLIENT_CLOSED_REQUEST}
        super().__init__(scope, outcome | {"complete": False})

    def inspect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.outcome["status"] = message["status"]
            self.level = logging.WARNING if message["status"] >= 500 else logging.INFO
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                self.outcome.pop("complete", None)


class SocketRecord(AccessRecord):
    message = "WebSocket closed"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope, {"code": None})
        origins = [value.decode("latin1") for name, value in scope["headers"] if name == b"origin"]
        self.notes["origin"] = _redacted(origins[-1]) if origins else ""
        self._accepted = False

    def inspect(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accepted = True
            case "websocket.send":
                data = message.get("text") or message.get("bytes") or b""
                self.bytes += len(data if isinstance(data, bytes) else data.encode())
            case "websocket.close" if not self._accepted:
                self.message = "WebSocket refused"
                self.outcome = {"status": FORBIDDEN, "reason": message.get("reason")}
            case "websocket.close" | "websocket.disconnect":
                self.outcome = {"code": message.get("code")}


def _context_fields() -> dict[str, Any]:
    bound = context.current()
    return {name: bound[name] for name in conf.CONTEXT_FIELDS if name in bound}


def _redacted(text: str) -> str:
    """Client input, without anything that may be a secret."""
    return without_tokens(text[: 2 * MAX_PATH])[:MAX_PATH]
