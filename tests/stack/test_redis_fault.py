"""Redis hangs, or is gone: the application says so within a second, and goes on without it."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from demo.scenario import DemoTournament
from stack.ports import free_port, wait_for_port
from stack.processes import Process, Stack
from stack.waiting import eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port, log = free_port(), tmp_path / "redis.log"
    binary = shutil.which("redis-server")
    assert binary
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binary, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=output
        )
    wait_for_port(port, process, log)
    yield process, f"redis://127.0.0.1:{port}/0"
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait(10)


@pytest.fixture
def lonely(own_stack: Stack, redis: tuple[subprocess.Popen[bytes], str]) -> Process:
    """A web process with a Redis of its own."""
    return own_stack.web(REDIS_URL=redis[1])


def test_a_redis_that_hangs_is_told_within_a_second(
    redis: tuple[subprocess.Popen[bytes], str], lonely: Process
) -> None:
    assert httpx.get(f"{lonely.url}/readiness").json()["redis"] == "ok"
    redis[0].send_signal(signal.SIGSTOP)
    time.sleep(1)  # the last answer is reused for less
    answer = httpx.get(f"{lonely.url}/readiness", timeout=30)
    assert answer.status_code == 503
    report = answer.json()
    assert (report["status"], report["redis"]) == ("not_ready", "error")
    assert (report["database"], report["channel_layer"]) == ("ok", "error")
    assert report["error"] == "Redis connection failed; Channel layer unavailable"
    assert httpx.get(f"{lonely.url}/healthz").status_code == 200

    redis[0].send_signal(signal.SIGCONT)

    def ready() -> None:
        assert httpx.get(f"{lonely.url}/readiness").status_code == 200

    eventually(ready)


def test_without_redis_a_listener_is_still_given_everything(
    redis: tuple[subprocess.Popen[bytes], str], lonely: Process
) -> None:
    demo = DemoTournament(lonely.url, pace=0)
    demo.organizer.sign_up(f"alone-{demo.run_id}", "pass-that-is-long-enough")
    demo.open_tournament()
    address = f"ws://127.0.0.1:{lonely.port}/ws/tournaments/{demo.tournament['id']}/"
    with connect(address, origin=Origin(lonely.url)) as socket:
        assert '"welcome"' in str(socket.recv(10))
        redis[0].kill()
        redis[0].wait(10)
        demo.organizer.post(f"{demo.path}/cancel")
        assert '"tournament.cancelled"' in str(socket.recv(15))
