"""ASGI middleware: a scope and a transaction for each request, a scope for each socket, and a
transaction for each of its messages.

Sentry's own middleware lets the client's `sentry-trace` and `baggage` decide on sampling.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import random
from typing import Any

import sentry_sdk
from sentry_sdk.sessions import track_session
from sentry_sdk.tracing_utils import Baggage

from apps.core import context
from apps.core.sentry.scrubbing import NO_ROUTE
from apps.core.types import App, Message, Receive, Scope, Send


class Requests:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with (
            _new_scope(scope) as own,
            track_session(own, session_mode="request"),
            _transaction("http.server", NO_ROUTE) as transaction,
            _errors_captured(),
        ):

            async def observe_and_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    transaction.set_http_status(message["status"])
                await send(message)

            await self.app(scope, receive, observe_and_send)


class Sockets:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with _new_scope(scope) as own, _errors_captured():
            own.set_tag("websocket", "true")
            own.set_transaction_name("ws connect", source="custom")
            if trace_id := context.current().get("trace_id"):
                header = f"{trace_id}-{context.new_id()[:16]}"
                own.generate_propagation_context({"sentry-trace": header})
            await self.app(scope, receive, send)


@contextmanager
def message(name: str) -> Iterator[None]:
    """A transaction for one message of the current socket. `name` is one of a bounded set."""
    sentry_sdk.get_isolation_scope().set_transaction_name(name, source="custom")
    with _transaction("websocket.server", name):
        yield


@contextmanager
def _new_scope(scope: Scope) -> Iterator[sentry_sdk.Scope]:
    """Empty: the SDK's own would copy the tags of the scope in which the server was started."""
    with sentry_sdk.isolation_scope() as own:
        own.clear()
        own.add_event_processor(partial(_add_request, scope))
        yield own


def _add_request(scope: Scope, event: Any, hint: Any) -> Any:
    headers = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
    event["request"] = {"method": scope.get("method", "GET"), "headers": headers}
    return event


@contextmanager
def _errors_captured() -> Iterator[None]:
    """In this scope: the server, which logs them, has another."""
    try:
        yield
    except Exception as error:
        sentry_sdk.capture_exception(error)
        raise


def _transaction(op: str, name: str) -> Any:
    """With the context's trace id, if it has one. By default the SDK derives the sampling decision
    from the trace id, which the client may have chosen."""
    return sentry_sdk.start_transaction(
        op=op,
        name=name,
        source="custom",
        trace_id=context.current().get("trace_id", ""),
        baggage=Baggage({"sample_rand": f"{random():.6f}"}),  # noqa: S311 no secret
    )
