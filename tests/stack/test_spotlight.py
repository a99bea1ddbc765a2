"""End to end: Spotlight, a local stand-in for Sentry, receives the errors of real processes."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from celery import Celery
from websockets.exceptions import ConnectionClosedError

from stack.waiting import eventually
from tests.api.served import Served, read, serving
from tests.factories import PASSWORD
from tests.stack.spotlight import Sent, Spotlight, install
from tests.stacks import execute, on_postgres, redis_url

pytestmark = [pytest.mark.spotlight, pytest.mark.timeout(400)]  # npm may be slow

CANARY = "canary-4242424242424242"
REQUEST_ID = "the-request-that-failed"
SESSION = f"sessionid={CANARY}"
BREAK_EVENTS = "ALTER TABLE events_stream RENAME TO elsewhere"


class Watched(NamedTuple):
    server: Served
    spotlight: Spotlight
    tournament: int


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A view, a WebSocket message and a task failed in this stack."""
    install()
    with on_postgres(tmp_path_factory.mktemp("spotlight"), redis=redis_url(8)) as stack:
        spotlight = Spotlight(stack)
        release = {"SENTRY_ENVIRONMENT": "staging", "SENTRY_RELEASE": "1.2.3"}
        with serving(stack, SENTRY_SPOTLIGHT=spotlight.url, **release) as server:
            stack.worker()
            player = server.player()
            tournament = server.opened(player)
            with server.connected(f"/ws/tournaments/{tournament}/") as socket:
                assert read(socket)["type"] == "welcome"
                execute(BREAK_EVENTS, stack.environment["DB_NAME"])
                socket.send(json.dumps({"type": "sync", "since": 0, "token": CANARY}))
                with pytest.raises(ConnectionClosedError):
                    list(socket)
            fail_in_a_view(server, tournament, player)
            fail_in_tasks(stack.environment["REDIS_URL"])
            yield Watched(server, spotlight, tournament)


def fail_in_a_view(server: Served, tournament: int, player: dict[str, str]) -> None:
    response = server.http.post(
        f"/api/tournaments/{tournament}/cancel?token={CANARY}",
        headers=player | {"X-Request-ID": REQUEST_ID, "X-Secret": CANARY, "Cookie": SESSION},
        json={"password": CANARY},
    )
    assert response.status_code == 500


def fail_in_tasks(broker: str) -> None:
    with Celery(broker=broker) as celery:
        celery.send_task("apps.events.tasks.audit_verify")
        heartbeat = "apps.core.celery.tasks.heartbeat"
        celery.send_task(heartbeat, args=(CANARY,), kwargs={"token": CANARY})


def wait_for_error(watched: Watched, transaction: str) -> Sent:
    errors: list[Sent] = []

    def arrived() -> None:
        received = watched.spotlight.received("event")
        errors[:] = [item for item in received if item["transaction"] == transaction]
        assert errors

    eventually(arrived)
    return errors[-1]


def test_the_error_of_a_view(watched: Watched) -> None:
    error = wait_for_error(watched, "/api/tournaments/{tournament_id}/cancel")
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["tags"]["request_id"] == REQUEST_ID
    assert error["tags"]["tournament_id"] == f"{watched.tournament}"
    assert error["user"].keys() == {"id"}
    assert (error["environment"], error["release"]) == ("staging", "1.2.3")


def test_the_error_of_a_websocket_message(watched: Watched) -> None:
    error = wait_for_error(watched, "ws sync")
    assert error["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert error["tags"]["websocket"] == "true"
    assert error["tags"]["tournament_id"] == f"{watched.tournament}"


@pytest.mark.parametrize(
    ("name", "exception"),
    [
        ("apps.events.tasks.audit_verify", "ProgrammingError"),
        ("apps.core.celery.tasks.heartbeat", "TypeError"),
    ],
)
def test_the_error_of_a_task(watched: Watched, name: str, exception: str) -> None:
    error = wait_for_error(watched, name)
    assert error["exception"]["values"][-1]["type"] == exception
    assert error["tags"]["celery_task_id"]


def test_spotlight_receives_no_secrets_and_no_names(watched: Watched) -> None:
    """Spotlight gets the same scrubbed events as a DSN."""
    wait_for_error(watched, "apps.core.celery.tasks.heartbeat")
    text = watched.spotlight.text()
    assert REQUEST_ID in text
    for secret in (CANARY, "player1", PASSWORD):
        assert secret not in text
