"""The demo, as `make demo` runs it, holds the server's metrics against what it did."""

import os
import subprocess
import sys

import pytest

from stack.ports import free_port
from stack.processes import ROOT, Process, Stack, eventually, query

pytestmark = pytest.mark.stack


def demo(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env=os.environ | {"BASE_URL": url, "PACE": "0", "COLUMNS": "120"} | environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def test_on_a_bare_machine(own_stack: Stack) -> None:
    done = demo(own_stack.web().url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The spectator saw all 82 events, in order." in done.stdout


def test_with_postgres_redis_and_a_worker(stack: Stack, web: Process, worker: Process) -> None:
    prometheus = stack.prometheus({"web": [web], "worker": [worker]})

    def scraped() -> None:
        assert len(query(prometheus, "up == 1")) == 2

    eventually(scraped)
    done = demo(web.url, PROMETHEUS_URL=prometheus.url)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_at_once_are_told_that_somebody_else_is_there(own_stack: Stack) -> None:
    """Figures that are not by tournament differ then, and a demo that says so is worth its salt."""
    web = own_stack.web()
    other = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env=os.environ | {"BASE_URL": web.url, "PACE": "0"},
        stdout=subprocess.DEVNULL,
    )
    done = demo(web.url)
    other.wait(150)
    assert done.returncode == 1, done.stdout
    assert "the figures differ" in done.stdout


def test_no_server_is_one_clear_line() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    done = demo(address)
    assert done.returncode == 1
    [line] = done.stdout.splitlines()
    assert line.startswith(f"Failed: No DeltaCrown at {address}. Start one with `make run`")
    assert done.stderr == ""
