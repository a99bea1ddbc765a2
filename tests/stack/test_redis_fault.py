"""Redis hangs or stops: readiness reports it, and the live feed still delivers."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import free_port
from stack.processes import Process, Stack
from stack.waiting import eventually_equal
from tests.api.served import Served, read, serving

pytestmark = pytest.mark.stack


@pytest.fixture
def redis(own_stack: Stack, tmp_path: Path) -> Process:
    port = free_port()
    options = ["--port", str(port), "--save", "", "--dir", str(tmp_path)]
    return own_stack.run("redis", ["redis-server", *options], port)


@pytest.fixture
def server(own_stack: Stack, redis: Process) -> Iterator[Served]:
    with serving(own_stack, REDIS_URL=f"redis://{redis.address}/0") as server:
        yield server


def test_readiness_reports_a_redis_that_hangs(redis: Process, server: Served) -> None:
    assert server.http.get("/readiness").json()["redis"] == "ok"
    with redis.frozen():
        time.sleep(1)  # the result of the last check is cached for less
        response = server.http.get("/readiness")
        assert response.status_code == 503
        report = response.json()
        assert (report["status"], report["redis"]) == ("not_ready", "error")
        assert (report["database"], report["channel_layer"]) == ("ok", "error")
        assert report["error"] == "Redis connection failed; Channel layer unavailable"
        assert server.http.get("/healthz").status_code == 200
    eventually_equal(lambda: server.http.get("/readiness").status_code, 200)


def test_without_redis_a_listener_still_receives_every_event(
    redis: Process, server: Served
) -> None:
    organizer = server.player()
    cup = server.opened(organizer)
    with server.connected(f"/ws/tournaments/{cup}/") as socket:
        assert read(socket)["type"] == "welcome"
        redis.kill()
        server.post(f"/api/tournaments/{cup}/cancel", by=organizer)
        assert read(socket)["name"] == "tournament.cancelled"
