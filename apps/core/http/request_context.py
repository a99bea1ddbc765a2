"""ASGI middleware that binds the request id and the trace id."""

import re
from collections.abc import Mapping

from apps.core.context import bound, new_id
from apps.core.http import client_ip
from apps.core.types import App, Message, Receive, Scope, Send

_TRACE_HEADERS = (b"sentry-trace", b"baggage")
_CARRIES_HEADERS = ("http.response.start", "websocket.accept")
_REQUEST_ID = b"x-request-id"
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRACE = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})-[0-9a-f]{16}(?:-[0-9a-f]{1,2})?")


class RequestContext:
    """ASGI middleware that accepts or creates an `X-Request-ID`, and returns it with the response.

    It also continues the trace of `traceparent` or `sentry-trace`, but ignores the caller's
    sampling decision.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        request_id = headers.get(_REQUEST_ID, b"").decode("latin1")
        if not _ACCEPTABLE_ID.fullmatch(request_id):  # it ends up in logs and headers
            request_id = new_id()
        trace_id = trace_of(headers)

        async def send_with_id(message: Message) -> None:
            if message["type"] in _CARRIES_HEADERS:
                headers = [*message.get("headers", ()), (_REQUEST_ID, request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        with bound(request_id=request_id, trace_id=trace_id, client=client_ip.of_scope(scope)):
            return await self.app(_with_trace(scope, trace_id), receive, send_with_id)


def _with_trace(scope: Scope, trace_id: str) -> Scope:
    headers = [pair for pair in scope["headers"] if pair[0] not in _TRACE_HEADERS]
    sentry_trace = (b"sentry-trace", f"{trace_id}-{new_id()[:16]}".encode())
    return {**scope, "headers": [*headers, sentry_trace]}


def trace_of(headers: Mapping[bytes, bytes]) -> str:
    """The caller's trace id, from W3C's header or Sentry's, or a new one."""
    for name in (b"traceparent", b"sentry-trace"):
        match = _TRACE.fullmatch(headers.get(name, b"").decode("latin1").strip())
        if match and match[1].strip("0"):
            return match[1]
    return new_id()
