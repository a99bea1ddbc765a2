"""What every consumer of ours shares: JSON in and out, and each signal on the way."""

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from apps.core import context, rate_limits, sentry, thread_pool
from apps.core.conf import conf
from apps.core.context import exemplar
from apps.core.metrics import (
    count_close,
    ws_connections,
    ws_message_latency,
    ws_messages_received,
    ws_messages_sent,
)
from apps.core.types import Message, Receive, Scope, Send
from apps.core.websocket.connections import OTHER, open_connections
from apps.core.websocket.rejections import RejectReason, reject

logger = logging.getLogger(__name__)

GONE_AWAY = 1006
INTERNAL_ERROR = 1011
TRY_LATER = 1013
MAX_MESSAGE_BYTES = 64 * 1024

Content = dict[str, Any]
Handler = Callable[[Any, Content], Awaitable[None]]


class BadMessage(Exception):
    """What the client sent is not acceptable; `code` tells it so."""

    def __init__(self, code: str, message_type: str = "invalid") -> None:
        super().__init__(code)
        self.code = code
        self.message_type = message_type


class JsonConsumer(AsyncConsumer):
    """Base class of JSON consumers.

    Subclasses give `handlers` (message type to coroutine) and `opened`, and clean up in `closed`,
    which runs however the socket ends: Channels itself calls nothing after an exception, nor when
    the server stops.
    """

    handlers: ClassVar[Mapping[str, Handler]] = {}
    # No channel of its own: what is live comes from this process's hub.
    channel_layer_alias = "none"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fields = self.fields(scope)
        context.bind(**fields)
        self.label_value = fields.get(conf.WEBSOCKET_LABEL)
        self.accepted = False
        self._identity = context.new_id()
        self.close_code = GONE_AWAY
        sentry.tag(fields)
        try:
            await self._served(scope, receive, send)
        finally:
            if self.accepted:
                count_close(self.close_code)
            await self.closed()

    def fields(self, scope: Scope) -> dict[str, int]:
        """Log fields and Sentry tags of this socket. The one named WEBSOCKET_LABEL also labels its
        metrics; without it, the socket is counted as "other"."""
        return {}

    async def admitted(self) -> RejectReason | None:
        """Whether the handshake is accepted: None, or why not."""
        return None

    async def opened(self) -> None:
        """Runs once the socket is open."""

    async def closed(self) -> None:
        """Runs at the end of every socket, accepted or not."""

    async def send_json(self, message: Content) -> None:
        ws_messages_sent.labels(message["type"]).inc()
        await self.deliver(json.dumps(message, separators=(",", ":")))

    async def deliver(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def dispatch(self, message: Message) -> None:
        """Channels' own, without the database clean-up it does for each message: queries run in
        our threads, which clean up after themselves."""
        match message["type"]:
            case "websocket.receive":
                await self._receive(message)
            case "websocket.disconnect":
                self.close_code = message.get("code", GONE_AWAY)
                raise StopConsumer

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        self.scope, self.base_send = scope, send
        try:
            if refusal := await self.admitted():
                return await reject(send, refusal)
            await self._open_until_closed(scope, receive, send)
        except Exception as fault:
            await self._failed(fault, send)

    async def _open_until_closed(self, scope: Scope, receive: Receive, send: Send) -> None:
        with open_connections.counted(self.label_value):
            ws_connections.inc()
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            self.accepted = True
            await self.opened()
            await super().__call__(scope, receive, send)

    async def _failed(self, fault: Exception, send: Send) -> None:
        """The end of a socket that is our fault: told to the log, and by it to Sentry, and to the
        client."""
        overloaded = isinstance(fault, thread_pool.Overloaded)
        if overloaded:
            logger.warning("WebSocket overloaded")
        else:
            logger.error("WebSocket failed", exc_info=fault)
        if not self.accepted:
            return await reject(send, RejectReason.OVERLOADED if overloaded else RejectReason.ERROR)
        code = TRY_LATER if overloaded else INTERNAL_ERROR
        self.close_code = code
        await send({"type": "websocket.close", "code": code, "reason": None})
        return None

    async def _receive(self, message: Message) -> None:
        started = time.perf_counter()
        message_type = "invalid"
        try:
            message_type, content = self._decode(message)
            if not rate_limits.try_acquire(message_type, self._identity):
                raise BadMessage("rate_limited", message_type)
            with sentry.message(f"ws {message_type}", message["text"]):
                await self.handlers[message_type](self, content)
        except BadMessage as bad:
            message_type = bad.message_type
            await self.send_json({"type": "error", "code": bad.code})
        finally:
            ws_message_latency.observe(time.perf_counter() - started, exemplar())
            self._count(message_type)

    def _count(self, message_type: str) -> None:
        """Unknown messages are counted as "other", so that a client cannot create series."""
        bound = open_connections.bound
        if bound is None:
            ws_messages_received.labels(message_type, OTHER).inc()
            return
        value = self.label_value if message_type in self.handlers else None
        bound.inc_known(ws_messages_received, value, message_type=message_type)

    def _decode(self, message: Message) -> tuple[str, Content]:
        text = message.get("text")
        if text is None:
            raise BadMessage("binary_not_supported")
        if len(text.encode()) > MAX_MESSAGE_BYTES:
            raise BadMessage("too_big")
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise BadMessage("not_json") from None
        if not isinstance(content, dict):
            raise BadMessage("not_an_object")
        message_type = content.get("type")
        if not isinstance(message_type, str) or message_type not in self.handlers:
            raise BadMessage("unknown_type", "other")
        return message_type, content
