"""End to end: what fails in real processes is read back from Spotlight, Sentry's local double."""

import json
from collections.abc import Iterator

import httpx
import pytest
from celery import Celery
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect
from websockets.typing import Origin

from stack.processes import Process, Stack
from stack.waiting import eventually
from tests.stack.conftest import execute, prepared
from tests.stack.spotlight import Sent, Spotlight, install

pytestmark = [pytest.mark.spotlight, pytest.mark.timeout(400)]  # npm may take its time

CANARY = "canary-4242424242424242"
REQUEST_ID = "the-request-that-failed"
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="session")
def _installed() -> None:
    install()


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, _installed: None
) -> Iterator[tuple[Stack, Spotlight]]:
    """Its own database, of which the tests break tables, and a Spotlight that is told."""
    stack = prepared(tmp_path_factory.mktemp("spotlight"), redis=8)
    try:
        spotlight = Spotlight(stack)
        stack.environment |= {
            "SENTRY_SPOTLIGHT": spotlight.url,
            "SENTRY_ENVIRONMENT": "staging",
            "SENTRY_RELEASE": "1.2.3",
        }
        yield stack, spotlight
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def spotlight(watched: tuple[Stack, Spotlight]) -> Spotlight:
    return watched[1]


@pytest.fixture(scope="module")
def web(watched: tuple[Stack, Spotlight]) -> Process:
    return watched[0].web()


@pytest.fixture(scope="module")
def player(web: Process) -> dict[str, str]:
    who = {"username": "alice-in-person", "password": PASSWORD}
    with httpx.Client(base_url=web.url, timeout=10) as client:
        client.post("/api/accounts/", json=who).raise_for_status()
        answer = client.post("/api/accounts/token", json=who).raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture(scope="module")
def cup(web: Process, player: dict[str, str]) -> int:
    """Open, as strangers see no draft."""
    body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
    with httpx.Client(base_url=web.url, headers=player, timeout=10) as client:
        answer = client.post("/api/tournaments/", json=body).raise_for_status()
        tournament: int = answer.json()["id"]
        client.post(f"/api/tournaments/{tournament}/open").raise_for_status()
    return tournament


@pytest.fixture(scope="module")
def failed(watched: tuple[Stack, Spotlight], web: Process, cup: int, player: dict[str, str]) -> int:
    """A view, a socket's message and a task, all for want of a table. The tournament's id."""
    stack, _ = watched
    stack.worker()
    url = f"ws://127.0.0.1:{web.port}/ws/tournaments/{cup}/"
    with connect(url, origin=Origin(web.url), open_timeout=10) as socket:
        socket.send('{"type": "ping"}')
        while json.loads(socket.recv(timeout=10))["type"] != "pong":
            pass
        execute("ALTER TABLE events_stream RENAME TO elsewhere", stack.environment["DB_NAME"])
        socket.send(json.dumps({"type": "sync", "since": 0, "token": CANARY}))
        with pytest.raises(ConnectionClosedError):
            list(socket)
    answer = httpx.post(
        f"{web.url}/api/tournaments/{cup}/cancel?token={CANARY}",
        headers={**player, "X-Request-ID": REQUEST_ID, "X-Secret": CANARY},
        json={"password": CANARY},
        cookies={"sessionid": CANARY},
        timeout=10,
    )
    assert answer.status_code == 500
    celery = Celery(broker=stack.environment["REDIS_URL"])
    celery.send_task("apps.events.tasks.audit_verify")
    celery.send_task("apps.core.celery.tasks.heartbeat", args=(CANARY,), kwargs={"token": CANARY})
    celery.close()
    return cup


def the_error(spotlight: Spotlight, transaction: str) -> Sent:
    """Once it has arrived."""
    found: list[Sent] = []

    def arrived() -> None:
        found[:] = [one for one in spotlight.told("event") if one["transaction"] == transaction]
        assert found

    eventually(arrived)
    return found[-1]


def test_a_views_error(spotlight: Spotlight, failed: int) -> None:
    error = the_error(spotlight, "/api/tournaments/{tournament_id}/cancel")
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["tags"].items() >= {"request_id": REQUEST_ID, "tournament_id": f"{failed}"}.items()
    assert error["user"].keys() == {"id"}
    assert (error["environment"], error["release"]) == ("staging", "1.2.3")


def test_a_sockets_error(spotlight: Spotlight, failed: int) -> None:
    error = the_error(spotlight, "ws sync")
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["tags"].items() >= {"websocket": "true", "tournament_id": f"{failed}"}.items()


@pytest.mark.parametrize(
    ("name", "fault"),
    [("audit_verify", "ProgrammingError"), ("heartbeat", "TypeError")],
)
def test_a_tasks_error(spotlight: Spotlight, failed: int, name: str, fault: str) -> None:
    error = the_error(spotlight, f"apps.core.celery.tasks.{name}")
    assert error["exception"]["values"][-1]["type"] == fault
    assert error["tags"]["celery_task_id"]


@pytest.mark.parametrize(
    ("name", "op", "status"),
    [
        ("/api/tournaments/", "http.server", "ok"),
        ("/api/tournaments/{tournament_id}/cancel", "http.server", "internal_error"),
        ("ws ping", "websocket.server", None),
        ("apps.events.tasks.audit_verify", "queue.task.celery", "internal_error"),
    ],
)
def test_a_transaction_of_each_kind(
    spotlight: Spotlight, failed: int, name: str, op: str, status: str | None
) -> None:
    def arrived() -> None:
        [found] = [one for one in spotlight.told("transaction") if one["transaction"] == name]
        trace = found["contexts"]["trace"]
        assert (trace["op"], trace.get("status")) == (op, status)

    eventually(arrived)


def test_database_spans_come_with_a_request(spotlight: Spotlight, failed: int) -> None:
    created = [
        one for one in spotlight.told("transaction") if one["transaction"] == "/api/tournaments/"
    ]
    spans = [span for one in created for span in one["spans"] if span["op"] == "db"]
    assert any('INSERT INTO "tournaments_tournament"' in span["description"] for span in spans)
    assert {span["data"]["db.system"] for span in spans} == {"postgresql"}


def test_neither_secrets_nor_names_come_to_spotlight(spotlight: Spotlight, failed: int) -> None:
    """Without a DSN the SDK gives it all that it has; what we take out stays out."""
    the_error(spotlight, "apps.core.celery.tasks.heartbeat")
    told = spotlight.text()
    assert REQUEST_ID in told
    for secret in (CANARY, "alice-in-person", PASSWORD):
        assert secret not in told
