"""The timeout of WebSocket handshakes."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from daphne.cli import CommandLineInterface

from apps.core.types import Message, Receive, Scope, Send
from apps.core.websocket import auth
from apps.core.websocket.auth import WebSocketAuth
from tests import samples

SCOPE: dict[str, Any] = {
    "type": "websocket",
    "headers": [(b"origin", b"http://testserver"), (b"host", b"testserver")],
}


@pytest.fixture(autouse=True)
def _short_timeout(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    monkeypatch.setattr(auth, "HANDSHAKE_TIMEOUT", 0.05)


@pytest.fixture
def timeouts() -> Callable[[], float]:
    return samples.increase("ws_connection_failures_total", reason="timeout")


async def through(app: Any) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> None:
        raise AssertionError

    await WebSocketAuth(app, user_of=lambda token: None)(dict(SCOPE), receive, send)
    return sent


async def test_a_handshake_that_takes_too_long_is_rejected_and_counted(
    timeouts: Callable[[], float],
) -> None:
    async def undecided(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(10)
        await send({"type": "websocket.accept"})

    [answer] = await through(undecided)
    assert (answer["type"], answer["reason"]) == ("websocket.close", "timeout")
    assert timeouts() == 1


async def test_an_accepted_socket_has_no_timeout(timeouts: Callable[[], float]) -> None:
    async def accepted(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await asyncio.sleep(0.1)
        await send({"type": "websocket.send", "text": "later"})

    assert [message["type"] for message in await through(accepted)] == [
        "websocket.accept",
        "websocket.send",
    ]
    assert timeouts() == 0


async def test_a_timeout_of_the_application_is_not_a_handshake_timeout(
    timeouts: Callable[[], float],
) -> None:
    async def impatient(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await through(impatient)
    assert timeouts() == 0


def test_the_timeout_is_shorter_than_daphnes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    arguments = CommandLineInterface().parser.parse_args(["deltacrown.asgi:application"])
    assert arguments.websocket_connect_timeout > auth.HANDSHAKE_TIMEOUT
