"""ASGI middleware: 404s and refused sockets, which clients can cause at any rate, become one event
with a count. Goes inside `Requests` and `Sockets`."""

import asyncio
import contextvars
from collections import Counter

import sentry_sdk

from apps.core.sentry.scrubbing import NO_ROUTE
from apps.core.types import App, Message, Receive, Scope, Send

FIRST_SECONDS = 60.0
MAX_SECONDS = 3600.0
TOP = 10


class EventAggregator:
    """Sends the first occurrence immediately, and the others together: after a minute at first,
    then after twice the time. All events are one issue."""

    def __init__(self, name: str, message: str, tags: dict[str, str]) -> None:
        self.name = name
        self._message = message
        self._tags = tags
        self._seconds = FIRST_SECONDS
        self._counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def count(self, label: str) -> None:
        """`label` is one of a bounded set. On the event loop only."""
        self._counts[label] += 1
        if self._timer is None:
            self._seconds = FIRST_SECONDS
            # The event has no request and no user: many clients caused it.
            contextvars.Context().run(self._send)

    def _send(self) -> None:
        if not self._counts:
            self._timer = None
            return
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._send)
        self._seconds = min(self._seconds * 2, MAX_SECONDS)
        counts, self._counts = self._counts, Counter()
        message = self._message.format(counts.total())
        sentry_sdk.capture_event(
            {
                "level": "warning",
                "exception": {"values": [{"type": self.name, "value": message}]},
                "fingerprint": [self.name],
                "tags": self._tags,
                "contexts": {"counts": {"total": counts.total(), **dict(counts.most_common(TOP))}},
            }
        )


class ClientErrorEvents:
    def __init__(self, app: App) -> None:
        self.app = app
        self._not_found = EventAggregator(
            "NotFound", "{} requests found nothing", {"status_code": "404"}
        )
        self._refused = EventAggregator(
            "WebSocketRefused", "{} WebSocket connections were refused", {"websocket": "true"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def count_and_send(message: Message) -> None:
            nonlocal accepted
            match message["type"]:
                case "http.response.start" if message["status"] == 404:
                    self._not_found.count(_route())
                case "websocket.accept":
                    accepted = True
                case "websocket.close" if not accepted:
                    self._refused.count(str(message.get("reason")))
            await send(message)

        await self.app(scope, receive, count_and_send)


def _route() -> str:
    transaction = sentry_sdk.get_current_scope().transaction
    return transaction.name if transaction and transaction.source == "route" else NO_ROUTE
