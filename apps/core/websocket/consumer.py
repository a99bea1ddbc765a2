"""Base class of JSON consumers: metrics, log context and error messages for each socket."""

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from apps.core import context, metrics
from apps.core.conf import conf
from apps.core.types import Message, Receive, Scope, Send
from apps.core.websocket.connections import OTHER, open_connections
from apps.core.websocket.rejections import RejectReason, reject

logger = logging.getLogger(__name__)

ABNORMAL_CLOSURE = 1006
INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013
MAX_MESSAGE_BYTES = 64 * 1024

Content = dict[str, Any]
Handler = Callable[[Any, Content], Awaitable[None]]


class BadMessage(Exception):
    """The client's message is invalid. The client receives `code`."""

    def __init__(self, code: str, message_type: str = "invalid") -> None:
        super().__init__(code)
        self.code = code
        self.message_type = message_type


class JsonConsumer(AsyncConsumer):
    """Subclasses define `handlers` (message type to coroutine function) and override the hooks.

    `closed` runs however the socket ends: Channels calls nothing after an exception, nor when the
    server stops.
    """

    handlers: ClassVar[Mapping[str, Handler]] = {}
    overload_errors: ClassVar[tuple[type[Exception], ...]] = ()  # closes the socket with 1013
    channel_layer_alias = "none"  # no channel: broadcasts do not arrive through the channel layer

    def fields(self, scope: Scope) -> dict[str, int]:
        """Log fields of this socket. The field named WEBSOCKET_LABEL also labels its metrics;
        without it, the socket counts as "other"."""
        return {}

    def bind(self, fields: dict[str, int]) -> None:
        """Attaches the fields to everything that this socket logs."""
        context.bind(**fields)

    async def admitted(self) -> RejectReason | None:
        """The reason to reject the handshake, or None to accept it."""
        return None

    async def opened(self) -> None:
        """Runs after the handshake."""

    async def closed(self) -> None:
        """Runs at the end of every socket, accepted or not."""

    def is_allowed(self, message_type: str) -> bool:
        """False answers the message with the error `rate_limited`."""
        return True

    def handling(self, message_type: str) -> AbstractContextManager[Any]:
        """Wraps the handler of each message, in a transaction for example."""
        return nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.accepted = False
        self.close_code = ABNORMAL_CLOSURE
        try:
            await self._serve(scope, receive, send)
        finally:
            if self.accepted:
                metrics.count_close(self.close_code)
            await self.closed()

    async def send_json(self, message: Content) -> None:
        metrics.ws_messages_sent.labels(message["type"]).inc()
        await self.deliver(json.dumps(message, separators=(",", ":")))

    async def deliver(self, text: str) -> None:
        """Sends JSON that is already encoded and counted."""
        await self.base_send({"type": "websocket.send", "text": text})

    async def dispatch(self, message: Message) -> None:
        """Without Channels' database cleanup per message: `thread_pool.query` does that."""
        match message["type"]:
            case "websocket.receive":
                await self._receive(message)
            case "websocket.disconnect":
                self.close_code = message.get("code", ABNORMAL_CLOSURE)
                raise StopConsumer

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        self.scope, self.base_send = scope, send
        try:
            fields = self.fields(scope)
            self.bind(fields)
            self.label_value = fields.get(conf.WEBSOCKET_LABEL)
            if reason := await self.admitted():
                return await reject(send, reason)
            with open_connections.counted(self.label_value):
                metrics.ws_connections.inc()
                await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
                self.accepted = True
                await self.opened()
                await super().__call__(scope, receive, send)
        except Exception as error:
            await self._failed(error, send)

    async def _failed(self, error: Exception, send: Send) -> None:
        if isinstance(error, self.overload_errors):
            logger.warning("WebSocket overloaded")
            self.close_code, reason = TRY_AGAIN_LATER, RejectReason.OVERLOADED
        else:
            logger.error("WebSocket failed", exc_info=error)
            self.close_code, reason = INTERNAL_ERROR, RejectReason.ERROR
        if not self.accepted:
            return await reject(send, reason)
        return await send({"type": "websocket.close", "code": self.close_code, "reason": None})

    async def _receive(self, message: Message) -> None:
        started = time.perf_counter()
        message_type = "invalid"
        try:
            message_type, content = self._decode(message)
            if not self.is_allowed(message_type):
                raise BadMessage("rate_limited", message_type)
            with self.handling(message_type):
                await self.handlers[message_type](self, content)
        except BadMessage as error:
            message_type = error.message_type
            await self.send_json({"type": "error", "code": error.code})
        finally:
            metrics.ws_message_latency.observe(time.perf_counter() - started, context.exemplar())
            self._count(message_type)

    def _count(self, message_type: str) -> None:
        """Unknown message types count as "other": a client must not create series."""
        bound = open_connections.bound
        if bound is None:
            metrics.ws_messages_received.labels(message_type, OTHER).inc()
            return
        value = self.label_value if message_type in self.handlers else None
        bound.inc_known(metrics.ws_messages_received, value, message_type=message_type)

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
