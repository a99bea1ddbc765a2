"""What is known of one request or socket by its end, and how it is told."""

import logging
import time
from typing import Any

from apps.core import context
from apps.core.http import client_ip
from apps.core.logging.redaction import without_tokens
from apps.core.types import Message, Receive, Scope, Send

logger = logging.getLogger("deltacrown.access")

NOTED = ("user_id", "tournament_id")  # of the context
MAX_PATH = 256
GONE = 499  # nginx' word for a client that did not wait for the answer
REFUSED = 403


class Line:
    """What is known of one connection by its end."""

    message = ""

    def __init__(self, scope: Scope) -> None:
        self.notes: dict[str, Any] = {}
        self.bytes = 0
        self._began = time.perf_counter()
        self._path, self._client = _shown(scope["path"]), client_ip.of_scope(scope)

    def received(self, receive: Receive) -> Receive:
        async def receive_and_look() -> Any:
            message = await receive()
            self._look(message)
            return message

        return receive_and_look

    def sent(self, send: Send) -> Send:
        async def send_and_look(message: Message) -> None:
            await send(message)
            self._look(message)

        return send_and_look

    def write(self) -> None:
        milliseconds = round((time.perf_counter() - self._began) * 1000, 1)
        common = {"path": self._path, "duration_ms": milliseconds, "client": self._client}
        extra = self._outcome() | common | {"bytes": self.bytes} | self.notes
        logger.log(self._level(), self.message, extra=extra)

    def _look(self, message: Message) -> None:
        raise NotImplementedError

    def _outcome(self) -> dict[str, Any]:
        raise NotImplementedError

    def _level(self) -> int:
        return logging.INFO


class Request(Line):
    message = "Request answered"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._method = _shown(scope["method"])[:16]
        self._status = GONE
        self._complete = False

    def _look(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)

    def _outcome(self) -> dict[str, Any]:
        """`route` is there from the start: what never reached Django has none."""
        outcome = {"method": self._method, "route": "", "status": self._status}
        return outcome if self._complete else outcome | {"complete": False}

    def _level(self) -> int:
        return logging.WARNING if self._status >= 500 else logging.INFO


class Socket(Line):
    message = "WebSocket closed"

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._origin = _shown(_header(scope, b"origin"))
        self._accepted = False
        self._ended: dict[str, Any] = {"code": None}

    def _look(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accepted = True
            case "websocket.send":
                self.bytes += _size(message)
            case "websocket.close" if not self._accepted:
                self.message = "WebSocket refused"
                self._ended = {"status": REFUSED, "reason": message.get("reason")}
            case "websocket.close" | "websocket.disconnect":
                self._ended = {"code": message.get("code")}

    def _outcome(self) -> dict[str, Any]:
        known = context.current()
        self.notes.update({name: known[name] for name in NOTED if name in known})
        return self._ended | {"origin": self._origin}


def _shown(text: str) -> str:
    """What a client is free to write, without what may be a secret."""
    return without_tokens(text[: 2 * MAX_PATH])[:MAX_PATH]


def _size(message: Message) -> int:
    text: str | None = message.get("text")
    if text is None:
        return len(message.get("bytes") or b"")
    return len(text) if text.isascii() else len(text.encode())


def _header(scope: Scope, name: bytes) -> str:
    found = [value for key, value in scope["headers"] if key == name]
    return found[-1].decode("latin1") if found else ""
