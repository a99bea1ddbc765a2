"""Children of a worker die, are replaced, and what they counted is still there."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.stack.processes import Process, Stack, eventually, samples

pytestmark = pytest.mark.stack

HEARTBEAT = "apps.core.tasks.heartbeat"


@pytest.fixture
def worker(stack: Stack) -> Iterator[Process]:
    process = stack.worker(REDIS_URL=stack.environment["REDIS_URL"].replace("/9", "/10"))
    yield process
    process.stop()


def children(worker: Process) -> list[int]:
    return sorted(child.pid for child in psutil.Process(worker.popen.pid).children())


def run_tasks(stack: Stack, count: int) -> None:
    url = stack.environment["REDIS_URL"].replace("/9", "/10")
    code = f"from apps.core.tasks import heartbeat; [heartbeat.delay() for _ in range({count})]"
    stack.manage("shell", "-c", code, REDIS_URL=url)


def test_what_dead_children_counted_stays_and_their_gauges_go(
    stack: Stack, worker: Process
) -> None:
    run_tasks(stack, 20)

    def counted(tasks: int) -> None:
        assert samples(worker)["celery_tasks_total", f"SUCCESS {HEARTBEAT}"] == tasks

    eventually(lambda: counted(20))
    before = children(worker)
    assert samples(worker)["celery_worker_processes", ""] == len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    def replaced() -> None:
        now = children(worker)
        assert len(now) == 2
        assert not set(now) & set(before)

    eventually(replaced)
    counted(20)
    run_tasks(stack, 10)
    eventually(lambda: counted(30))
    told = samples(worker)
    assert told["celery_worker_processes", ""] == told["celery_worker_processes_limit", ""] == 2
    assert told["celery_tasks_active", ""] == 0
    left = {path.name for path in (stack.folder / f"worker-metrics-{worker.port}").iterdir()}
    assert not {f"gauge_livesum_{pid}.db" for pid in before} & left


def test_a_worker_begins_at_zero(stack: Stack) -> None:
    url = stack.environment["REDIS_URL"].replace("/9", "/11")
    first = stack.worker(REDIS_URL=url)
    folder = stack.folder / f"worker-metrics-{first.port}"
    first.stop()
    assert list(folder.glob("*.db"))
    again = stack.worker(REDIS_URL=url, WORKER_METRICS_DIR=str(folder))
    assert samples(again)["celery_tasks_total", f"SUCCESS {HEARTBEAT}"] == 0
    assert len(list(folder.glob("counter_*.db"))) <= 3
    again.stop()
