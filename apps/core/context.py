"""What is known about the work at hand: the request id, and who and what it concerns.

Bound once where work enters (HTTP, socket, task), it is on every log line and Sentry event from
there on, in the worker threads too.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from apps.core.types import App, Message, Receive, Scope, Send

_context: ContextVar[dict[str, Any]] = ContextVar("context", default={})  # noqa: B039 never mutated
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CARRIES_HEADERS = ("http.response.start", "websocket.accept")


def current() -> dict[str, Any]:
    return _context.get()


def request_id() -> str:
    return str(current().get("request_id", "-"))


def new_id() -> str:
    return uuid.uuid4().hex


def usable_id(candidate: str) -> str:
    """The caller's id where it is well formed, else a new one: ids end up in logs and headers."""
    return candidate if _ACCEPTABLE_ID.fullmatch(candidate) else new_id()


def bind(**fields: Any) -> None:
    """Adds fields for the rest of the work at hand."""
    _context.set(current() | fields)


def replace(fields: dict[str, Any]) -> None:
    """Puts back what `current` gave."""
    _context.set(fields)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Adds fields for the block only."""
    token = _context.set(current() | fields)
    try:
        yield
    finally:
        _context.reset(token)


class RequestContext:
    """ASGI middleware: takes `X-Request-ID` in, or makes one, and gives it back with the answer."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        name = b"x-request-id"
        given = next((value for key, value in scope["headers"] if key == name), b"")
        identifier = usable_id(given.decode("latin1"))

        async def send_with_id(message: Message) -> None:
            if message["type"] in _CARRIES_HEADERS:
                headers = [*message.get("headers", ()), (name, identifier.encode())]
                message = {**message, "headers": headers}
            await send(message)

        with bound(request_id=identifier):
            await self.app(scope, receive, send_with_id)
        return None
