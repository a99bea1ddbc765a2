"""JsonConsumer without the parts that a project adds to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from apps.core import context
from apps.core.websocket.connections import open_connections
from apps.core.websocket.consumer import Content, JsonConsumer
from apps.core.websocket.rejections import RejectReason
from tests import samples


class Calculator(JsonConsumer):
    reason: RejectReason | None = None

    async def admitted(self) -> RejectReason | None:
        return self.reason

    async def halve(self, message: Content) -> None:
        hook = context.current()["handling"]
        await self.send_json({"type": hook, "value": message["number"] / 2})

    def is_allowed(self, message_type: str) -> bool:
        return message_type != "limited"

    def handling(self, message_type: str) -> AbstractContextManager[Any]:
        return context.bound(handling=message_type)

    handlers = {"halve": halve, "limited": halve}  # noqa: RUF012 Mapping in the base


@pytest.fixture
async def socket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WebsocketCommunicator]:
    monkeypatch.setattr(open_connections, "bound", None)
    communicator = WebsocketCommunicator(Calculator.as_asgi(), "/")
    assert (await communicator.connect())[0]
    yield communicator
    await communicator.disconnect()


async def test_a_message_is_handled_and_counted_as_other(socket: WebsocketCommunicator) -> None:
    labels = {"message_type": "halve", "tournament_id": "other"}
    received = samples.increase("ws_messages_received_total", **labels)
    await socket.send_json_to({"type": "halve", "number": 4})
    assert await socket.receive_json_from() == {"type": "halve", "value": 2.0}
    assert received() == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("[]", "not_an_object"),
        ('{"type": "unknown"}', "unknown_type"),
        ('{"type": "limited"}', "rate_limited"),
        ('"' + "x" * 65_536 + '"', "too_big"),
    ],
    ids=["not JSON", "not an object", "unknown type", "rate limited", "too big"],
)
async def test_an_invalid_message_gets_an_error_and_the_socket_stays_open(
    text: str, code: str, socket: WebsocketCommunicator
) -> None:
    await socket.send_to(text_data=text)
    assert await socket.receive_json_from() == {"type": "error", "code": code}
    await socket.send_json_to({"type": "halve", "number": 4})
    assert (await socket.receive_json_from())["type"] == "halve"


async def test_an_exception_closes_the_socket_with_1011(socket: WebsocketCommunicator) -> None:
    closed = samples.increase("ws_disconnections_total", code="1011")
    await socket.send_json_to({"type": "halve"})
    assert (await socket.receive_output())["code"] == 1011
    await socket.wait()
    assert closed() == 1


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"reason": RejectReason.NOT_FOUND}, "not_found"),
        ({"fields": lambda self, scope: None}, "error"),
        ({"fields": lambda self, scope: {"tournament_id": []}}, "error"),
    ],
    ids=["rejects", "hook without fields", "hook with a wrong field"],
)
async def test_a_rejected_handshake_is_counted_by_its_reason(
    attributes: dict[str, Any], reason: str
) -> None:
    rejecting: Any = type("Rejecting", (Calculator,), attributes)
    rejected = samples.increase("ws_connection_failures_total", reason=reason)
    accepted, _ = await WebsocketCommunicator(rejecting.as_asgi(), "/").connect()
    assert not accepted
    assert rejected() == 1


@pytest.mark.parametrize("end", ["disconnect", "exception", "cancellation", "rejection"])
async def test_closed_runs_however_the_socket_ends(end: str) -> None:
    ended = []

    class Closing(Calculator):
        reason = RejectReason.NOT_FOUND if end == "rejection" else None

        async def closed(self) -> None:
            ended.append(end)

    communicator = WebsocketCommunicator(Closing.as_asgi(), "/")
    await communicator.connect()
    if end == "disconnect":
        await communicator.disconnect()
    if end == "exception":
        await communicator.send_json_to({"type": "halve"})
        await communicator.receive_output()
    if end == "cancellation":
        communicator.future.cancel()
    with suppress(asyncio.CancelledError):
        await communicator.wait()
    assert ended == [end]
