"""A worker's metrics page: who may read it, and what tells of its life where there is none."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx
import psutil
import pytest
import yaml

from stack.monitoring import CREDENTIALS, prometheus_config
from stack.ports import free_port
from stack.processes import ROOT, Process, Stack
from stack.prometheus import instant_query
from stack.waiting import eventually
from tests.stack.conftest import execute

pytestmark = pytest.mark.stack

SECRET = "only-prometheus-knows-this-one"


def scraping(stack: Stack, folder: Path, web: Process, worker: Process, token: Path) -> Process:
    """Prometheus with the committed configuration."""
    jobs = {"web": [web.address], "worker": [worker.address]}
    addresses = {CREDENTIALS: str(token)}
    config = prometheus_config(
        folder, addresses=addresses, targets=jobs, jobs=jobs.keys(), interval="1s"
    )
    storage = f"--storage.tsdb.path={folder / 'data'}"
    prometheus = stack.server("prometheus", f"--config.file={config}", storage)
    eventually(lambda: is_ready(prometheus))
    return prometheus


def is_ready(prometheus: Process) -> None:
    assert httpx.get(f"{prometheus.url}/-/ready").status_code == 200


def are_up(prometheus: Process, value: str) -> None:
    found = {row["metric"]["job"]: row["value"][1] for row in instant_query(prometheus.url, "up")}
    assert found == {"web": value, "worker": value}


def test_an_empty_token_file_does_no_harm_where_there_is_no_token(
    stack: Stack, web: Process, worker: Process, tmp_path: Path
) -> None:
    empty = tmp_path / "token"
    empty.touch()
    prometheus = scraping(stack, tmp_path, web, worker, empty)
    eventually(lambda: are_up(prometheus, "1"))
    prometheus.stop()


def test_a_token_guards_web_and_worker_and_prometheus_reads_it_from_its_file(
    stack: Stack, tmp_path: Path
) -> None:
    url = stack.environment["REDIS_URL"].replace("/9", "/13")
    web = stack.web(METRICS_TOKEN=SECRET)
    worker = stack.worker(METRICS_TOKEN=SECRET, REDIS_URL=url)
    for wrong in ({}, {"authorization": "Bearer no"}, {"authorization": f"Basic {SECRET}"}):
        answer = httpx.get(f"{worker.url}/metrics", headers=wrong)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.text == ""
    right = httpx.get(f"{worker.url}/metrics", headers={"authorization": f"Bearer {SECRET}"})
    assert "celery_worker_processes 2.0" in right.text
    assert 'metrics_scrapes_refused_total{status="401"} 3.0' in right.text

    token = tmp_path / "token"
    token.touch()
    prometheus = scraping(stack, tmp_path, web, worker, token)
    eventually(lambda: are_up(prometheus, "0"))
    token.write_text(SECRET + "\n")
    eventually(lambda: are_up(prometheus, "1"))
    for process in (prometheus, worker, web):
        process.stop()


def test_the_page_is_on_loopback_unless_said_otherwise(stack: Stack, worker: Process) -> None:
    assert listens_on(worker) == {"127.0.0.1"}
    url = stack.environment["REDIS_URL"].replace("/9", "/13")
    open_one = stack.worker(REDIS_URL=url, WORKER_METRICS_HOST="0.0.0.0")
    assert listens_on(open_one) == {"0.0.0.0"}
    open_one.stop()


def listens_on(worker: Process) -> set[str]:
    connections = psutil.Process(worker.popen.pid).net_connections()
    return {one.laddr.ip for one in connections if one.status == "LISTEN"}


class TestHealthOfComposesWorker:
    """By docker-compose.yml's own command, with nothing to scrape."""

    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]

    def healthy(self, folder: Path) -> bool:
        kind, command = self.compose["healthcheck"]["test"]
        theirs = self.compose["environment"]["WORKER_METRICS_DIR"]
        assert (kind, command.count(theirs)) == ("CMD-SHELL", 1)
        here = command.replace(theirs, str(folder))
        return (
            subprocess.run(["sh", "-c", here], check=False, stderr=subprocess.DEVNULL).returncode
            == 0
        )

    def test_it_is_healthy_while_it_lives_and_no_longer(self, stack: Stack, tmp_path: Path) -> None:
        worker = stack.run(
            "worker",
            ["bin/worker"],
            ENABLE_PROMETHEUS="0",
            REDIS_URL=stack.environment["REDIS_URL"].replace("/9", "/13"),
            WORKER_METRICS_PORT=str(free_port()),
            WORKER_METRICS_DIR=str(tmp_path),
            WORKER_PROCESSES="1",
        )
        assert not self.healthy(tmp_path)
        eventually(lambda: self.is_healthy(tmp_path))
        os.kill(worker.popen.pid, signal.SIGSTOP)
        long_ago = time.time() - 60
        os.utime(tmp_path / "alive", (long_ago, long_ago))
        time.sleep(3)
        assert not self.healthy(tmp_path)
        os.kill(worker.popen.pid, signal.SIGCONT)
        eventually(lambda: self.is_healthy(tmp_path))
        worker.stop()

    def is_healthy(self, folder: Path) -> None:
        assert self.healthy(folder)


def test_a_worker_that_has_just_begun_says_what_the_last_check_of_the_trail_found(
    stack: Stack,
) -> None:
    """Its own gauges would begin at 0, and say that nothing is broken."""
    database = stack.environment["DB_NAME"]
    execute("INSERT INTO events_stream (name, seq, digest, anchored_seq, verified_at, bad_seq)"
            " VALUES ('forged', 0, '', 0, to_timestamp(1700000000), 3)", database)  # fmt: skip
    url = stack.environment["REDIS_URL"].replace("/9", "/12")
    worker = stack.worker(REDIS_URL=url)
    page = httpx.get(f"{worker.url}/metrics").text
    worker.stop()
    execute("UPDATE events_stream SET bad_seq = NULL", database)
    assert "\naudit_broken_streams 1.0\n" in page
    assert value(page, "audit_verified_timestamp_seconds") >= 1_700_000_000


def test_it_has_added_the_ledger_up_before_anybody_asks(stack: Stack) -> None:
    began = time.time()
    worker = stack.worker(REDIS_URL=stack.environment["REDIS_URL"].replace("/9", "/12"))
    page = httpx.get(f"{worker.url}/metrics").text
    worker.stop()
    assert value(page, "ledger_checked_timestamp_seconds") >= began


def value(page: str, name: str) -> float:
    [found] = re.findall(rf"^{name} (.+)$", page, re.MULTILINE)
    return float(found)
