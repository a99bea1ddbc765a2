"""Children of a worker die, are replaced, and what they counted is still there."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from stack.processes import Process, Stack
from stack.prometheus import samples
from stack.waiting import eventually

pytestmark = pytest.mark.stack

HEARTBEAT = "apps.core.celery.tasks.heartbeat"


@pytest.fixture
def worker(stack: Stack) -> Iterator[Process]:
    process = stack.worker(REDIS_URL=stack.environment["REDIS_URL"].replace("/9", "/10"))
    yield process
    process.stop()


def children(worker: Process) -> list[int]:
    return sorted(child.pid for child in psutil.Process(worker.popen.pid).children())


def succeeded(worker: Process) -> float:
    return samples(worker)["celery_tasks_total", f"SUCCESS {HEARTBEAT}"]


def again(stack: Stack, worker: Process, *, seen: bool = True) -> Process:
    """Another worker with the same port and the same folder, waited for where it is to be seen."""
    return stack.run(
        "worker",
        ["bin/worker"],
        worker.port if seen else None,
        REDIS_URL=stack.environment["REDIS_URL"].replace("/9", "/10"),
        WORKER_METRICS_PORT=str(worker.port),
        WORKER_METRICS_DIR=str(metrics_folder(stack, worker)),
        WORKER_PROCESSES="2",
    )


def metrics_folder(stack: Stack, worker: Process) -> Path:
    return stack.folder / f"worker-metrics-{worker.port}"


def run_tasks(stack: Stack, count: int) -> None:
    url = stack.environment["REDIS_URL"].replace("/9", "/10")
    code = (
        f"from apps.core.celery.tasks import heartbeat; [heartbeat.delay() for _ in range({count})]"
    )
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
    left = {path.name for path in metrics_folder(stack, worker).iterdir()}
    assert not {f"gauge_livesum_{pid}.db" for pid in before} & left


def test_a_worker_begins_at_zero(stack: Stack) -> None:
    url = stack.environment["REDIS_URL"].replace("/9", "/11")
    first = stack.worker(REDIS_URL=url)
    folder = metrics_folder(stack, first)
    first.stop()
    assert list(folder.glob("*.db"))
    second = stack.worker(REDIS_URL=url, WORKER_METRICS_DIR=str(folder))
    assert succeeded(second) == 0
    assert len(list(folder.glob("counter_*.db"))) <= 3
    second.stop()


def test_a_second_worker_is_turned_away_and_the_first_goes_on(
    stack: Stack, worker: Process
) -> None:
    run_tasks(stack, 4)
    eventually(lambda: _is(succeeded(worker), 4))
    second = again(stack, worker, seen=False)
    assert second.popen.wait(20) == 1
    (line,) = second.lines()
    assert line.startswith(f"Another worker uses {metrics_folder(stack, worker)}")
    assert succeeded(worker) == 4
    run_tasks(stack, 4)
    eventually(lambda: _is(succeeded(worker), 8))


def test_a_worker_whose_port_is_taken_ends_and_says_why(stack: Stack, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        blind = stack.run(
            "worker",
            ["bin/worker"],
            REDIS_URL=stack.environment["REDIS_URL"].replace("/9", "/11"),
            WORKER_METRICS_PORT=str(port),
            WORKER_METRICS_DIR=str(tmp_path),
        )
        assert blind.popen.wait(40) == 1
    (line,) = [one for one in map(json.loads, blind.lines()) if one["level"] == "CRITICAL"]
    assert line["message"] == (
        f"Port {port} of 127.0.0.1 cannot be used for metrics: Address already in use"
    )


def test_a_killed_workers_folder_and_port_are_free_at_once(stack: Stack, worker: Process) -> None:
    """Its children die with it, but not in the same moment: they hold neither."""
    killed, _ = children(worker)
    os.kill(killed, signal.SIGKILL)  # whoever takes its place inherits the listening socket

    def let_go() -> None:
        assert killed not in children(worker)
        assert len(children(worker)) == 2
        assert not any(map(_listens, children(worker)))
        assert not any(map(_locks, children(worker)))

    eventually(let_go)
    assert _listens(worker.popen.pid)
    assert _locks(worker.popen.pid)
    os.kill(worker.popen.pid, signal.SIGKILL)
    worker.popen.wait(10)
    next_one = again(stack, worker)
    assert samples(next_one)["celery_worker_processes", ""] == 2
    next_one.stop()


def test_fifty_children_that_were_replaced_are_counted_in_one_set_of_files(stack: Stack) -> None:
    """While four scrape at once, as Prometheus and somebody with curl may."""
    url = stack.environment["REDIS_URL"].replace("/9", "/12")
    worker = stack.worker(REDIS_URL=url, WORKER_TASKS_PER_CHILD="1")
    first = set(children(worker))
    code = "from apps.core.celery.tasks import heartbeat; [heartbeat.delay() for _ in range(50)]"
    with ThreadPoolExecutor(4) as scrapers:
        stack.manage("shell", "-c", code, REDIS_URL=url)
        for _ in range(30):
            list(scrapers.map(succeeded, [worker] * 4))
    eventually(lambda: _is(succeeded(worker), 50))

    def folded() -> None:
        told = samples(worker)
        assert told["celery_tasks_total", f"SUCCESS {HEARTBEAT}"] == 50
        assert told["celery_task_runtime_seconds_count", HEARTBEAT] == 50
        assert told["celery_queue_wait_seconds_count", "celery"] == 50
        assert told["celery_tasks_active", ""] == 0
        assert told["celery_beat_heartbeat_timestamp_seconds", ""] > 0
        assert time.time() - told["celery_worker_heartbeat_timestamp_seconds", ""] < 30
        owners = {path.stem.rsplit("_", 1)[1] for path in folder.glob("*.db")}
        assert owners <= {"folded", str(worker.popen.pid), *map(str, children(worker))}

    folder = metrics_folder(stack, worker)
    eventually(folded)
    assert not first & set(children(worker))
    worker.stop()


def test_the_children_tell_how_much_memory_they_take(worker: Process) -> None:
    told = samples(worker)["celery_worker_processes_resident_memory_bytes", ""]
    real = sum(psutil.Process(pid).memory_info().rss for pid in children(worker))
    assert told == pytest.approx(real, rel=0.1)


def _listens(pid: int) -> bool:
    return any(one.status == "LISTEN" for one in psutil.Process(pid).net_connections())


def _locks(pid: int) -> bool:
    return any(Path(one.path).name == "lock" for one in psutil.Process(pid).open_files())


def _is(value: float, wanted: float) -> None:
    assert value == wanted
