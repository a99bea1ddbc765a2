"""A secret in every place of a socket and of a task: in no envelope, no log line and no label."""

import io
import json
from typing import Any

import pytest
from channels.db import database_sync_to_async

from apps.core import context
from tests import factories
from tests.guide.sentry.application import ORIGIN, Application, Socket, failing_task_with_arguments
from tests.guide.sentry.canary import CANARY, HEADERS, PHRASE, Observed, around

pytestmark = pytest.mark.django_db(transaction=True)
SOCKET_HEADERS: dict[str, str] = {
    name: value
    for name, value in HEADERS.items()
    if name in ("authorization", "cookie", "user-agent", "origin", "x-request-id", "baggage")
} | {"sec-websocket-protocol": CANARY}


@pytest.mark.parametrize("name", SOCKET_HEADERS)
async def test_in_a_sockets_handshake(observed: Observed, name: str) -> None:
    for path in ("/ws/tournaments/17/", "/ws/nowhere"):
        headers = {"host": "testserver", "origin": ORIGIN, name: SOCKET_HEADERS[name]}
        await observed.application.socket(path, **headers).connect()
    await observed.assert_no_canary()


@pytest.mark.parametrize("path", [f"/ws/tournaments/17/?token={CANARY}", f"/ws/{CANARY}/"])
async def test_in_a_sockets_url(
    observed: Observed, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    await observed.application.socket(path, host="testserver", origin=ORIGIN).connect()
    assert observed.sent.events()
    await observed.assert_no_canary()


async def connected(observed: Observed) -> Socket:
    """A socket of a new tournament."""
    cup = await database_sync_to_async(factories.make_tournament)()
    path = f"/ws/tournaments/{cup.pk}/"
    socket = observed.application.socket(path, host="testserver", origin=ORIGIN)
    assert (await socket.connect())[0]
    return socket


MESSAGES = [
    CANARY,
    json.dumps({"type": CANARY}),
    json.dumps({"type": "ping", "token": CANARY, CANARY: CANARY}),
    json.dumps({"type": "sync", "since": CANARY}),
    json.dumps([CANARY]),
    CANARY * 4000,
]


async def test_in_a_sockets_messages(observed: Observed) -> None:
    """The first frame and all after it."""
    for first in MESSAGES:
        socket = await connected(observed)
        for text in (first, *MESSAGES):
            await socket.send_to(text)
        await socket.send_to(bytes_data=CANARY.encode())
        await socket.send_json_to({"type": "ping"})
        while json.loads(await socket.receive_from(5)).get("type") != "pong":
            pass
        await socket.disconnect()
    assert {item["transaction"] for item in observed.sent.transactions()} == {"ws ping", "ws sync"}
    await observed.assert_no_canary()


async def test_in_the_message_that_a_socket_fails_at(
    observed: Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(self: Any, message: dict[str, Any]) -> None:
        context.bind(user_id=11)
        raise RuntimeError("planted failure")

    monkeypatch.setattr("apps.tournaments.consumers.TournamentConsumer.handlers", {"ping": fails})
    socket = await connected(observed)
    await socket.send_json_to({"type": "ping", "secret": PHRASE})
    await socket.wait(5)
    [event] = observed.sent.events()
    assert event["logentry"]["message"] == "WebSocket failed"
    assert event["exception"]["values"][-1]["value"] == "planted failure"
    assert event["tags"].keys() >= {"websocket", "tournament_id", "request_id"}
    assert event["user"] == {"id": "11"}
    await observed.assert_no_canary()


@pytest.mark.usefixtures("tasks_in_process")
def test_in_a_tasks_arguments(application: Application) -> None:
    with pytest.raises(RuntimeError):
        failing_task_with_arguments.apply(
            args=(CANARY,), kwargs={"by_name": {"note": [PHRASE]}}, throw=True
        )
    [event] = application.sent.events()
    assert event["exception"]["values"][-1]["value"] == "planted failure"
    assert event["transaction"] == "tests.failing_task_with_arguments"
    assert CANARY not in application.sent.text(), around(application.sent.text())


@pytest.mark.usefixtures("tasks_in_process")
def test_a_tasks_arguments_are_no_log_lines(application: Application, lines: io.StringIO) -> None:
    failing_task_with_arguments.apply_async(args=(CANARY,), kwargs={"by_name": {}, "fails": False})
    assert "Task ended" in lines.getvalue()
    assert CANARY not in application.sent.text() + lines.getvalue()
