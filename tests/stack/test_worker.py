"""A task in a real worker logs the id of its request, and the worker serves its metrics."""

import json
import re
import time

import httpx
import pytest

from stack.processes import Process, Stack
from stack.prometheus import samples
from stack.waiting import eventually
from tests.api.served import Served, play_final

pytestmark = pytest.mark.stack

REQUEST_ID = "the-request-that-completed-it"


@pytest.fixture(scope="module")
def completed(stack: Stack, web: Process, worker: Process) -> int:
    """The id of a tournament whose last result was confirmed by the request REQUEST_ID."""
    server = Served(stack, web)
    organizer, *players = (server.player() for _ in range(3))
    cup = server.opened(organizer, capacity=2, prize_coins=5000)
    play_final(server, cup, organizer, players, **{"X-Request-ID": REQUEST_ID})
    server.http.close()
    return cup


def test_the_request_id_travels_with_the_task(completed: int, worker: Process) -> None:
    def logged() -> None:
        lines = [json.loads(line) for line in worker.lines()]
        of_request = [line for line in lines if line["request_id"] == REQUEST_ID]
        paid = next((line for line in of_request if line.get("event") == "prize.paid"), None)
        assert paid is not None
        assert paid["tournament_id"] == completed
        assert paid["task"] == "apps.tournaments.tasks.prize_pay"
        assert {line["message"] for line in of_request} >= {"Prize paid", "Task ended"}

    eventually(logged)


def test_the_worker_serves_the_metrics_of_its_tasks(completed: int, worker: Process) -> None:
    def counted() -> None:
        values = samples(worker)
        assert values["coins_awarded_total", ""] >= 5000
        task = "apps.tournaments.tasks.prize_pay"
        assert values["celery_tasks_total", f"SUCCESS {task}"] >= 1
        assert values["celery_task_runtime_seconds_count", task] >= 1
        assert values["celery_tasks_received_total", "celery"] >= 1
        assert values["celery_queue_wait_seconds_count", "celery"] >= 1
        assert values["django_db_query_total", "default postgresql"] > 0

    eventually(counted)


def test_a_worker_has_no_series_per_tournament_or_process(worker: Process) -> None:
    page = httpx.get(f"{worker.url}/metrics").text
    assert 'tournament_id="other"' in page
    assert not re.search(r'tournament_id="\d+"', page)
    assert "pid=" not in page


def test_the_heartbeat_task_updates_its_metric(stack: Stack, worker: Process) -> None:
    before = samples(worker)["celery_beat_heartbeat_timestamp_seconds", ""]
    stack.manage("shell", "-c", "from apps.core.celery.tasks import heartbeat; heartbeat.delay()")

    def updated() -> None:
        now = samples(worker)["celery_beat_heartbeat_timestamp_seconds", ""]
        assert now > before
        assert abs(time.time() - now) < 60

    eventually(updated)
