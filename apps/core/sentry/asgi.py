"""ASGI middleware around what is watched: a scope and a transaction for each request, a scope for
each socket and a transaction for each of its messages.

Sentry's own middleware goes on with the trace of the client's `sentry-trace` and `baggage`, which
lets anybody have themselves sampled, or not, and repeats what they wrote there. Here the trace is
the context's, and whether it is sampled is decided here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from random import random
from typing import Any

import sentry_sdk
from django.urls import get_resolver
from sentry_sdk.sessions import track_session
from sentry_sdk.tracing import Span
from sentry_sdk.tracing_utils import Baggage

from apps.core import context
from apps.core.sentry import client_input
from apps.core.sentry.aggregation import Flood
from apps.core.sentry.request_context import NO_ROUTE
from apps.core.types import App, Message, Receive, Scope, Send

SCRIPTS = (".asp", ".aspx", ".cgi", ".env", ".git", ".jsp", ".php")


class Requests:
    def __init__(self, app: App) -> None:
        self.app = app
        text, tags = "{} requests found nothing", {"status_code": "404"}
        self._not_found = Flood("NotFound", text, tags)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with client_input.by_client(scope) as client, _watched("http.server", NO_ROUTE) as work:

            async def send_and_see(message: Message) -> None:
                if message["type"] == "http.response.start":
                    work.set_http_status(message["status"])
                    if message["status"] == 404:
                        self._not_found.count(_where(work, scope["path"]))
                await send(message)

            await self.app(scope, client.heard(receive), send_and_see)


class Sockets:
    def __init__(self, app: App) -> None:
        self.app = app
        text, tags = "{} WebSocket connections were refused", {"websocket": "true"}
        self._refused = Flood("WebSocketRefused", text, tags)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def send_and_see(message: Message) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            if message["type"] == "websocket.close" and not accepted:
                self._refused.count(str(message.get("reason")))
            await send(message)

        with client_input.by_client(scope), fresh_scope() as own, _faults_told():
            own.set_tag("websocket", "true")
            own.set_transaction_name("ws connect", source="custom")
            own.generate_propagation_context(_trace())
            await self.app(scope, receive, send_and_see)


@contextmanager
def message(name: str, text: str | bytes | None) -> Iterator[None]:
    """A message of the socket whose scope this is; `name` is one of a known set."""
    if not sentry_sdk.get_client().is_active():
        yield
        return
    if client := client_input.current():
        client.hear(text)
    sentry_sdk.get_isolation_scope().set_transaction_name(name, source="custom")
    with _transaction("websocket.server", name):
        yield


@contextmanager
def fresh_scope() -> Iterator[sentry_sdk.Scope]:
    """For one piece of work. The SDK's own takes over what is known where it is opened."""
    with sentry_sdk.isolation_scope() as own:
        own.clear()
        yield own


@contextmanager
def _watched(op: str, name: str) -> Iterator[Span]:
    with (
        fresh_scope() as own,
        track_session(own, session_mode="request"),
        _transaction(op, name) as work,
        _faults_told(),
    ):
        yield work


@contextmanager
def _faults_told() -> Iterator[None]:
    """In the scope at hand: the server, which logs them, has another."""
    try:
        yield
    except Exception as fault:
        sentry_sdk.capture_exception(fault)
        raise


def _transaction(op: str, name: str) -> Span:
    """The head of a trace: Sentry's trace id is the context's, the decision to sample ours. By
    itself the SDK draws it from the trace id, and that may be the client's."""
    known: dict[str, Any] = {"baggage": Baggage({"sample_rand": f"{random():.6f}"})}  # noqa: S311 no secret
    if trace_id := context.current().get("trace_id"):
        known["trace_id"] = trace_id
    return sentry_sdk.start_transaction(op=op, name=name, source="custom", **known)


def _trace() -> dict[str, str]:
    trace_id = context.current().get("trace_id")
    return {"sentry-trace": f"{trace_id}-{context.new_id()[:16]}"} if trace_id else {}


def _where(work: Any, path: str) -> str:
    """The route that found nothing; where there is none, the path as far as the words are ours."""
    if getattr(work, "source", "") == "route":
        return str(work.name)
    first, _, rest = path.strip("/").partition("/")
    if first in _first_words():
        return f"/{first}/…" if rest else f"/{first}"
    return next((f"…{script}" for script in SCRIPTS if path.endswith(script)), "…")


@cache
def _first_words() -> frozenset[str]:
    patterns = get_resolver().url_patterns
    return frozenset(str(one.pattern).strip("^/").partition("/")[0] for one in patterns)
