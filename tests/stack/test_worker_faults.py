"""A worker keeps the counts of child processes that die and are replaced."""

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
from kombu import Connection, Producer

from apps.core.celery.tasks import heartbeat
from stack.processes import Process, Stack
from stack.prometheus import samples
from stack.waiting import eventually, eventually_equal
from tests.stacks import redis_url

pytestmark = pytest.mark.stack

HEARTBEAT = heartbeat.name


@pytest.fixture
def worker(stack: Stack) -> Iterator[Process]:
    process = stack.worker(REDIS_URL=redis_url(10))
    yield process
    process.stop()


def children(worker: Process) -> list[int]:
    return sorted(child.pid for child in psutil.Process(worker.popen.pid).children())


def succeeded(worker: Process) -> float:
    return samples(worker)["celery_tasks_total", f"SUCCESS {HEARTBEAT}"]


def restarted(stack: Stack, worker: Process, *, wait: bool = True) -> Process:
    """Another worker with the same port and folder."""
    return stack.run(
        "worker",
        ["bin/worker"],
        worker.port if wait else None,
        REDIS_URL=redis_url(10),
        WORKER_METRICS_PORT=str(worker.port),
        WORKER_METRICS_DIR=str(metrics_folder(stack, worker)),
        WORKER_PROCESSES="2",
    )


def metrics_folder(stack: Stack, worker: Process) -> Path:
    return stack.folder / f"worker-metrics-{worker.port}"


def run_tasks(count: int, *, redis: int = 10) -> None:
    with Connection(redis_url(redis)) as broker:
        producer = Producer(broker)
        for _ in range(count):
            heartbeat.apply_async(producer=producer)


def test_counts_of_dead_children_stay_and_their_gauges_are_removed(
    stack: Stack, worker: Process
) -> None:
    run_tasks(20)
    eventually_equal(lambda: succeeded(worker), 20)
    before = children(worker)
    assert samples(worker)["celery_worker_processes", ""] == len(before) == 2
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    def replaced() -> None:
        now = children(worker)
        assert len(now) == 2
        assert not set(now) & set(before)

    eventually(replaced)
    assert succeeded(worker) == 20
    run_tasks(10)
    eventually_equal(lambda: succeeded(worker), 30)
    metrics = samples(worker)
    assert metrics["celery_worker_processes", ""] == 2
    assert metrics["celery_worker_processes_limit", ""] == 2
    assert metrics["celery_tasks_active", ""] == 0
    files = {path.name for path in metrics_folder(stack, worker).iterdir()}
    assert not {f"gauge_livesum_{pid}.db" for pid in before} & files


def test_a_worker_starts_at_zero(stack: Stack) -> None:
    url = redis_url(11)
    first = stack.worker(REDIS_URL=url)
    folder = metrics_folder(stack, first)
    first.stop()
    assert list(folder.glob("*.db"))
    second = stack.worker(REDIS_URL=url, WORKER_METRICS_DIR=str(folder))
    assert succeeded(second) == 0
    assert len(list(folder.glob("counter_*.db"))) <= 3
    second.stop()


def test_a_second_worker_exits_and_the_first_continues(stack: Stack, worker: Process) -> None:
    run_tasks(4)
    eventually_equal(lambda: succeeded(worker), 4)
    second = restarted(stack, worker, wait=False)
    assert second.popen.wait(20) == 1
    [line] = second.lines()
    assert line.startswith(f"Another worker uses {metrics_folder(stack, worker)}")
    assert succeeded(worker) == 4
    run_tasks(4)
    eventually_equal(lambda: succeeded(worker), 8)


def test_a_worker_whose_port_is_in_use_exits_and_logs_the_reason(
    stack: Stack, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        process = stack.run(
            "worker",
            ["bin/worker"],
            REDIS_URL=redis_url(11),
            WORKER_METRICS_PORT=str(port),
            WORKER_METRICS_DIR=str(tmp_path),
        )
        assert process.popen.wait(40) == 1
    entries = map(json.loads, process.lines())
    [line] = [entry for entry in entries if entry["level"] == "CRITICAL"]
    assert line["message"] == (f"Cannot serve metrics on 127.0.0.1:{port}: Address already in use")


def test_the_folder_and_port_of_a_killed_worker_are_free_immediately(
    stack: Stack, worker: Process
) -> None:
    """Its children exit a moment later, so they must hold neither."""
    killed, _ = children(worker)
    os.kill(killed, signal.SIGKILL)  # its replacement inherits the listening socket

    def released() -> None:
        assert killed not in children(worker)
        assert len(children(worker)) == 2
        assert not any(map(_listens, children(worker)))
        assert not any(map(_locks, children(worker)))

    eventually(released)
    assert _listens(worker.popen.pid)
    assert _locks(worker.popen.pid)
    os.kill(worker.popen.pid, signal.SIGKILL)
    worker.popen.wait(10)
    second = restarted(stack, worker)
    assert samples(second)["celery_worker_processes", ""] == 2
    second.stop()


def test_the_counts_of_twenty_replaced_children_are_merged_into_one_set_of_files(
    stack: Stack,
) -> None:
    """While four clients scrape concurrently."""
    worker = stack.worker(REDIS_URL=redis_url(12), WORKER_TASKS_PER_CHILD="1")
    first = set(children(worker))
    with ThreadPoolExecutor(4) as scrapers:
        run_tasks(20, redis=12)
        for _ in range(20):
            list(scrapers.map(succeeded, [worker] * 4))
    eventually_equal(lambda: succeeded(worker), 20)

    def merged() -> None:
        metrics = samples(worker)
        assert metrics["celery_tasks_total", f"SUCCESS {HEARTBEAT}"] == 20
        assert metrics["celery_task_runtime_seconds_count", HEARTBEAT] == 20
        assert metrics["celery_queue_wait_seconds_count", "celery"] == 20
        assert metrics["celery_tasks_active", ""] == 0
        assert metrics["celery_beat_heartbeat_timestamp_seconds", ""] > 0
        assert time.time() - metrics["celery_worker_heartbeat_timestamp_seconds", ""] < 30
        owners = {path.stem.rsplit("_", 1)[1] for path in folder.glob("*.db")}
        assert owners <= {"folded", str(worker.popen.pid), *map(str, children(worker))}

    folder = metrics_folder(stack, worker)
    eventually(merged)
    assert not first & set(children(worker))
    worker.stop()


def test_the_memory_of_the_children_is_a_metric(worker: Process) -> None:
    metric = samples(worker)["celery_worker_processes_resident_memory_bytes", ""]
    actual = sum(psutil.Process(pid).memory_info().rss for pid in children(worker))
    assert metric == pytest.approx(actual, rel=0.1)


def _listens(pid: int) -> bool:
    return any(
        connection.status == "LISTEN" for connection in psutil.Process(pid).net_connections()
    )


def _locks(pid: int) -> bool:
    return any(Path(file.path).name == "lock" for file in psutil.Process(pid).open_files())
