"""ASGI middleware that binds the request id and the trace id."""

from apps.core.context import bound, new_id, trace_of, usable_id
from apps.core.http import client_ip
from apps.core.types import App, Message, Receive, Scope, Send

_TRACE_HEADERS = (b"sentry-trace", b"baggage")
_CARRIES_HEADERS = ("http.response.start", "websocket.accept")


class RequestContext:
    """ASGI middleware: takes `X-Request-ID` in, or makes one, and gives it back with the answer;
    likewise a trace id, from `traceparent` or `sentry-trace`, under which Sentry goes on. Whether
    a trace is sampled is for us to say, not for the caller."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        name = b"x-request-id"
        identifier = usable_id(headers.get(name, b"").decode("latin1"))
        trace = trace_of(headers)

        async def send_with_id(message: Message) -> None:
            if message["type"] in _CARRIES_HEADERS:
                headers = [*message.get("headers", ()), (name, identifier.encode())]
                message = {**message, "headers": headers}
            await send(message)

        with bound(request_id=identifier, trace_id=trace, client=client_ip.of_scope(scope)):
            await self.app(_with_trace(scope, trace), receive, send_with_id)
        return None


def _with_trace(scope: Scope, trace: str) -> Scope:
    kept = [pair for pair in scope["headers"] if pair[0] not in _TRACE_HEADERS]
    span = new_id()[:16]
    return {**scope, "headers": [*kept, (b"sentry-trace", f"{trace}-{span}".encode())]}
