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

FIELDS = "access_log"
MAX_PATH = 256
CLIENT_CLOSED_REQUEST = 499  # nginx's status for a client that did not wait for the response


class AccessLog:
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
            own_scope = {**scope, FIELDS: record.fields}
            return await self.app(own_scope, receive_and_inspect, send_and_inspect)
        finally:
            record.write()


class AccessLogMiddleware:
    """Django middleware that adds the route, the user and the fields of the context."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        fields = getattr(request, "scope", {}).get(FIELDS, {})
        # Only a user that was loaded already: the log must not query the database.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.pk is not None:
            fields["user_id"] = user.pk
        fields.update(_context_fields())
        fields["route"] = (request.resolver_match.route or "/") if request.resolver_match else ""
        return response


class AccessRecord:
    message = ""
    level = logging.INFO

    def __init__(self, scope: Scope, fields: dict[str, Any]) -> None:
        common = {"path": _redacted(scope["path"]), "client": client_ip.of_scope(scope)}
        self.fields = fields | common | {"bytes": 0}
        self._started = time.perf_counter()

    def write(self) -> None:
        self.fields["duration_ms"] = round((time.perf_counter() - self._started) * 1000, 1)
        logger.log(self.level, self.message, extra=_context_fields() | self.fields)


class RequestRecord(AccessRecord):
    """`route` is always present: it is empty for what never reached Django."""

    message = "Request answered"

    def __init__(self, scope: Scope) -> None:
        method = _redacted(scope["method"])[:16]
        fields = {"method": method, "route": "", "status": CLIENT_CLOSED_REQUEST}
        super().__init__(scope, fields | {"complete": False})

    def inspect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.fields["status"] = message["status"]
            self.level = logging.WARNING if message["status"] >= 500 else logging.INFO
        elif message["type"] == "http.response.body":
            self.fields["bytes"] += len(message.get("body", b""))
            if not message.get("more_body", False):
                self.fields.pop("complete", None)


class SocketRecord(AccessRecord):
    message = "WebSocket closed"

    def __init__(self, scope: Scope) -> None:
        origin = dict(scope["headers"]).get(b"origin", b"").decode("latin1")
        super().__init__(scope, {"code": None, "origin": _redacted(origin)})
        self._accepted = False

    def inspect(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accepted = True
            case "websocket.send":
                data = message.get("text") or message.get("bytes") or b""
                self.fields["bytes"] += len(data if isinstance(data, bytes) else data.encode())
            case "websocket.close" if not self._accepted:
                self.message = "WebSocket refused"
                self.fields.pop("code", None)
                self.fields |= {"status": 403, "reason": message.get("reason")}
            case "websocket.close" | "websocket.disconnect":
                self.fields["code"] = message.get("code")


def _context_fields() -> dict[str, Any]:
    bound = context.current()
    return {name: bound[name] for name in conf.CONTEXT_FIELDS if name in bound}


def _redacted(text: str) -> str:
    """Client input, without anything that may be a secret."""
    return without_tokens(text[: 2 * MAX_PATH])[:MAX_PATH]
