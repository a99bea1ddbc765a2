"""What every consumer of ours shares: JSON in and out, and each signal on the way."""

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from apps.core import context, rate_limits, sentry, threads
from apps.core.context import exemplar
from apps.core.metrics import (
    count_close,
    tournaments,
    ws_connections,
    ws_message_latency,
    ws_messages_received,
    ws_messages_sent,
)
from apps.core.sockets.gauge import open_sockets
from apps.core.sockets.refusals import Refusal, refuse
from apps.core.types import Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

GONE_AWAY = 1006
INTERNAL_ERROR = 1011
TRY_LATER = 1013
MAX_MESSAGE_BYTES = 64 * 1024
NO_TOURNAMENT = 0

Content = dict[str, Any]
Handler = Callable[[Any, Content], Awaitable[None]]


class BadMessage(Exception):
    """What the client sent is not acceptable; `code` tells it so."""

    def __init__(self, code: str, message_type: str = "invalid") -> None:
        super().__init__(code)
        self.code = code
        self.message_type = message_type


class JsonConsumer(AsyncConsumer):
    """A socket about one tournament.

    Subclasses give `handlers` (message type to coroutine) and `opened`, and clean up in `closed`,
    which runs however the socket ends: Channels itself calls nothing after an exception, nor when
    the server stops.
    """

    handlers: ClassVar[Mapping[str, Handler]] = {}
    # No channel of its own: what is live comes from this process's hub.
    channel_layer_alias = "none"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.tournament_id = int(scope["url_route"]["kwargs"]["tournament_id"])
        context.bind(tournament_id=self.tournament_id)
        self.accepted = False
        self._identity = context.new_id()
        self.close_code = GONE_AWAY
        sentry.tag({"tournament_id": self.tournament_id})
        try:
            await self._served(scope, receive, send)
        finally:
            if self.accepted:
                count_close(self.close_code)
            await self.closed()

    async def admitted(self) -> Refusal | None:
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
                return await refuse(send, refusal)
            await self._open_until_closed(scope, receive, send)
        except Exception as fault:
            await self._failed(fault, send)

    async def _open_until_closed(self, scope: Scope, receive: Receive, send: Send) -> None:
        with open_sockets.counted(self.tournament_id):
            ws_connections.inc()
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            self.accepted = True
            await self.opened()
            await super().__call__(scope, receive, send)

    async def _failed(self, fault: Exception, send: Send) -> None:
        """The end of a socket that is our fault: told to the log, and by it to Sentry, and to the
        client."""
        overloaded = isinstance(fault, threads.Overloaded)
        if overloaded:
            logger.warning("WebSocket overloaded")
        else:
            logger.error("WebSocket failed", exc_info=fault)
        if not self.accepted:
            return await refuse(send, Refusal.OVERLOADED if overloaded else Refusal.ERROR)
        code = TRY_LATER if overloaded else INTERNAL_ERROR
        self.close_code = code
        await send({"type": "websocket.close", "code": code, "reason": None})
        return None

    async def _receive(self, message: Message) -> None:
        started = time.perf_counter()
        message_type = "invalid"
        try:
            message_type, content = self._decode(message)
            if not rate_limits.allows(message_type, self._identity):
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
        """By tournament what we take; nonsense in one sum, so that no client makes series."""
        about = self.tournament_id if message_type in self.handlers else NO_TOURNAMENT
        tournaments.inc_known(ws_messages_received, about, message_type=message_type)

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
