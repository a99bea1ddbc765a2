"""Redis hangs or stops: readiness reports it, and the live feed still delivers."""

import time
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from demo.scenario import DemoTournament
from stack.ports import free_port
from stack.processes import Process, Stack
from stack.waiting import eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def redis(own_stack: Stack, tmp_path: Path) -> Process:
    port = free_port()
    options = ["--port", str(port), "--save", "", "--dir", str(tmp_path)]
    return own_stack.run("redis", ["redis-server", *options], port)


@pytest.fixture
def web_with_redis(own_stack: Stack, redis: Process) -> Process:
    return own_stack.web(REDIS_URL=f"redis://{redis.address}/0")


def test_readiness_reports_a_redis_that_hangs(redis: Process, web_with_redis: Process) -> None:
    url = web_with_redis.url
    assert httpx.get(f"{url}/readiness").json()["redis"] == "ok"
    with redis.frozen():
        time.sleep(1)  # the result of the last check is cached for less
        response = httpx.get(f"{url}/readiness", timeout=180)
        assert response.status_code == 503
        report = response.json()
        assert (report["status"], report["redis"]) == ("not_ready", "error")
        assert (report["database"], report["channel_layer"]) == ("ok", "error")
        assert report["error"] == "Redis connection failed; Channel layer unavailable"
        assert httpx.get(f"{url}/healthz").status_code == 200

    def ready() -> None:
        assert httpx.get(f"{url}/readiness").status_code == 200

    eventually(ready)


def test_without_redis_a_listener_still_receives_every_event(
    redis: Process, web_with_redis: Process
) -> None:
    demo = DemoTournament(web_with_redis.url, pace=0)
    demo.organizer.sign_up(f"alone-{demo.run_id}", "pass-that-is-long-enough")
    demo.open_tournament()
    url = f"{web_with_redis.ws_url}/ws/tournaments/{demo.tournament['id']}/"
    with connect(url, origin=Origin(web_with_redis.url)) as socket:
        assert '"welcome"' in str(socket.recv(10))
        redis.kill()
        demo.organizer.post(f"{demo.path}/cancel")
        assert '"tournament.cancelled"' in str(socket.recv(15))
