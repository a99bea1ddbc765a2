"""`make demo` plays a tournament and compares the server's metrics with it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from stack.processes import Process, Stack
from stack.prometheus import instant_query
from stack.waiting import eventually_equal
from tests.programs import run

pytestmark = pytest.mark.stack


def demo(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "demo", BASE_URL=url, PACE="0", COLUMNS="120", **environment)


def test_on_a_bare_machine(own_stack: Stack) -> None:
    done = demo(own_stack.web().url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The spectator received all 82 events in order." in done.stdout


def test_with_postgres_redis_and_a_worker(stack: Stack, web: Process, worker: Process) -> None:
    prometheus = stack.prometheus({"web": [web.address], "worker": [worker.address]})
    eventually_equal(lambda: len(instant_query(prometheus.url, "up == 1")), 2)
    done = demo(web.url, PROMETHEUS_URL=prometheus.url)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_concurrent_demos_do_not_disturb_each_other(own_stack: Stack) -> None:
    web = own_stack.web()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(demo, [web.url] * 2))
    assert [done.returncode for done in both] == [0, 0], [done.stdout for done in both]
