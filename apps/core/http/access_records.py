"""The access log's record of one request or socket."""

import logging
import time
from abc import ABC, abstractmethod
from typing import Any

from apps.core import context
from apps.core.conf import conf
from apps.core.http import client_ip
from apps.core.logging.redaction import without_tokens
from apps.core.types import Message, Receive, Scope, Send

logger = logging.getLogger("apps.core.http.access_log")

MAX_PATH = 256
CLIENT_CLOSED_REQUEST = 499  # nginx's status for a client that did not wait for the response
FORBIDDEN = 403


def context_fields() -> dict[str, Any]:
    bound = context.current()
    return {name: bound[name] for name in conf.CONTEXT_FIELDS if name in bound}


class AccessRecord(ABC):
    message = ""

    def __init__(self, scope: Scope) -> None:
        self.notes: dict[str, Any] = {}
        self.bytes = 0
        self._started = time.perf_counter()
        self._path, self._client = _redacted(scope["path"]), client_ip.of_scope(scope)

    def wrap_receive(self, receive: Receive) -> Receive:
        async def receive_and_inspect() -> Any:
            message = await receive()
            self._inspect(message)
            return message

        return receive_and_inspect

    def wrap_send(self, send: Send) -> Send:
        async def send_and_inspect(message: Message) -> None:
            await send(message)
            self._inspect(message)

        return send_and_inspect

    def write(self) -> None:
        milliseconds = round((time.perf_counter() - self._started) * 1000, 1)
        common = {"path": self._path, "duration_ms": milliseconds, "client": self._client}
        extra = self._outcome() | common | {"bytes": self.bytes} | self.notes
        logger.log(self._level(), self.message, extra=extra)

    @abstractmethod
    def _inspect(self, message: Message) -> None: ...

    @abstractmethod
    def _outcome(self) -> dict[str, Any]: ...

    def _level(self) -> int:
        return logging.INFO


class Request(AccessRecord):
    message = "Request answered"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._method = _redacted(scope["method"])[:16]
        self._status = CLIENT_CLOSED_REQUEST
        self._complete = False

    def _inspect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)

    def _outcome(self) -> dict[str, Any]:
        """`route` is always present: it is empty for what never reached Django."""
        outcome = {"method": self._method, "route": "", "status": self._status}
        return outcome if self._complete else outcome | {"complete": False}

    def _level(self) -> int:
        return logging.WARNING if self._status >= 500 else logging.INFO


class Socket(AccessRecord):
    message = "WebSocket closed"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._origin = _redacted(_header(scope, b"origin"))
        self._accepted = False
        self._ended: dict[str, Any] = {"code": None}

    def _inspect(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accepted = True
            case "websocket.send":
                self.bytes += _size(message)
            case "websocket.close" if not self._accepted:
                self.message = "WebSocket refused"
                self._ended = {"status": FORBIDDEN, "reason": message.get("reason")}
            case "websocket.close" | "websocket.disconnect":
                self._ended = {"code": message.get("code")}

    def _outcome(self) -> dict[str, Any]:
        self.notes.update(context_fields())
        return self._ended | {"origin": self._origin}


def _redacted(text: str) -> str:
    """Client input, without anything that may be a secret."""
    return without_tokens(text[: 2 * MAX_PATH])[:MAX_PATH]


def _size(message: Message) -> int:
    text: str | None = message.get("text")
    if text is None:
        return len(message.get("bytes") or b"")
    return len(text) if text.isascii() else len(text.encode())


def _header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[-1].decode("latin1") if values else ""
