"""End to end: Spotlight, a local stand-in for Sentry, receives the errors of real processes."""

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

pytestmark = [pytest.mark.spotlight, pytest.mark.timeout(400)]  # npm may be slow

CANARY = "canary-4242424242424242"
REQUEST_ID = "the-request-that-failed"
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="session")
def _installed() -> None:
    install()


@pytest.fixture(scope="module")
def watched_stack(
    tmp_path_factory: pytest.TempPathFactory, _installed: None
) -> Iterator[tuple[Stack, Spotlight]]:
    """A stack with its own database, whose tables the tests break, and its Spotlight."""
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
def spotlight(watched_stack: tuple[Stack, Spotlight]) -> Spotlight:
    return watched_stack[1]


@pytest.fixture(scope="module")
def web(watched_stack: tuple[Stack, Spotlight]) -> Process:
    return watched_stack[0].web()


@pytest.fixture(scope="module")
def player(web: Process) -> dict[str, str]:
    account = {"username": "alice-in-person", "password": PASSWORD}
    with httpx.Client(base_url=web.url, timeout=180) as client:
        client.post("/api/accounts/", json=account).raise_for_status()
        response = client.post("/api/accounts/token", json=account).raise_for_status()
    return {"Authorization": f"Bearer {response.json()['token']}"}


@pytest.fixture(scope="module")
def tournament_id(web: Process, player: dict[str, str]) -> int:
    """An open tournament: drafts are not public."""
    body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
    with httpx.Client(base_url=web.url, headers=player, timeout=180) as client:
        response = client.post("/api/tournaments/", json=body).raise_for_status()
        tournament_id: int = response.json()["id"]
        client.post(f"/api/tournaments/{tournament_id}/open").raise_for_status()
    return tournament_id


@pytest.fixture(scope="module")
def failed(
    watched_stack: tuple[Stack, Spotlight], web: Process, tournament_id: int, player: dict[str, str]
) -> int:
    """Makes a view, a WebSocket message and a task fail. Returns the tournament's id."""
    stack, _ = watched_stack
    stack.worker()
    url = f"{web.ws_url}/ws/tournaments/{tournament_id}/"
    with connect(url, origin=Origin(web.url), open_timeout=180) as socket:
        socket.send('{"type": "ping"}')
        while json.loads(socket.recv(timeout=180))["type"] != "pong":
            pass
        execute("ALTER TABLE events_stream RENAME TO elsewhere", stack.environment["DB_NAME"])
        socket.send(json.dumps({"type": "sync", "since": 0, "token": CANARY}))
        with pytest.raises(ConnectionClosedError):
            list(socket)
    response = httpx.post(
        f"{web.url}/api/tournaments/{tournament_id}/cancel?token={CANARY}",
        headers={**player, "X-Request-ID": REQUEST_ID, "X-Secret": CANARY},
        json={"password": CANARY},
        cookies={"sessionid": CANARY},
        timeout=180,
    )
    assert response.status_code == 500
    celery = Celery(broker=stack.environment["REDIS_URL"])
    celery.send_task("apps.events.tasks.audit_verify")
    celery.send_task("apps.core.celery.tasks.heartbeat", args=(CANARY,), kwargs={"token": CANARY})
    celery.close()
    return tournament_id


def wait_for_error(spotlight: Spotlight, transaction: str) -> Sent:
    errors: list[Sent] = []

    def arrived() -> None:
        errors[:] = by_transaction(spotlight, "event", transaction)
        assert errors

    eventually(arrived)
    return errors[-1]


def by_transaction(spotlight: Spotlight, kind: str, name: str) -> list[Sent]:
    return [item for item in spotlight.received(kind) if item["transaction"] == name]


def test_the_error_of_a_view(spotlight: Spotlight, failed: int) -> None:
    error = wait_for_error(spotlight, "/api/tournaments/{tournament_id}/cancel")
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["tags"].items() >= {"request_id": REQUEST_ID, "tournament_id": f"{failed}"}.items()
    assert error["user"].keys() == {"id"}
    assert (error["environment"], error["release"]) == ("staging", "1.2.3")


def test_the_error_of_a_websocket_message(spotlight: Spotlight, failed: int) -> None:
    error = wait_for_error(spotlight, "ws sync")
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["tags"].items() >= {"websocket": "true", "tournament_id": f"{failed}"}.items()


@pytest.mark.parametrize(
    ("name", "exception"),
    [
        ("apps.events.tasks.audit_verify", "ProgrammingError"),
        ("apps.core.celery.tasks.heartbeat", "TypeError"),
    ],
)
def test_the_error_of_a_task(spotlight: Spotlight, failed: int, name: str, exception: str) -> None:
    error = wait_for_error(spotlight, name)
    assert error["exception"]["values"][-1]["type"] == exception
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
        [transaction] = by_transaction(spotlight, "transaction", name)
        trace = transaction["contexts"]["trace"]
        assert (trace["op"], trace.get("status")) == (op, status)

    eventually(arrived)


def test_a_request_has_database_spans(spotlight: Spotlight, failed: int) -> None:
    transactions = by_transaction(spotlight, "transaction", "/api/tournaments/")
    spans = [span for item in transactions for span in item["spans"] if span["op"] == "db"]
    assert any('INSERT INTO "tournaments_tournament"' in span["description"] for span in spans)
    assert {span["data"]["db.system"] for span in spans} == {"postgresql"}


def test_spotlight_receives_no_secrets_and_no_names(spotlight: Spotlight, failed: int) -> None:
    """Spotlight gets the same scrubbed events as a DSN."""
    wait_for_error(spotlight, "apps.core.celery.tasks.heartbeat")
    text = spotlight.text()
    assert REQUEST_ID in text
    for secret in (CANARY, "alice-in-person", PASSWORD):
        assert secret not in text
