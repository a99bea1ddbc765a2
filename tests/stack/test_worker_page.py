"""A worker's metrics endpoint: access, listening address, and the health check without it."""

import os
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
from stack.prometheus import instant_query, samples
from stack.waiting import eventually, eventually_equal
from tests.stacks import execute, redis_url

pytestmark = pytest.mark.stack

TOKEN = "a-token-that-only-prometheus-has"


def scraping(stack: Stack, folder: Path, web: Process, worker: Process, token: Path) -> Process:
    """Prometheus with the committed configuration."""
    targets = {"web": [web.address], "worker": [worker.address]}
    addresses = {CREDENTIALS: str(token)}
    config = prometheus_config(
        folder, addresses=addresses, targets=targets, jobs=targets.keys(), interval="1s"
    )
    storage = f"--storage.tsdb.path={folder / 'data'}"
    prometheus = stack.server("prometheus", f"--config.file={config}", storage)
    eventually_equal(lambda: httpx.get(f"{prometheus.url}/-/ready").status_code, 200)
    return prometheus


def check_up(prometheus: Process, value: str) -> None:
    values = {row["metric"]["job"]: row["value"][1] for row in instant_query(prometheus.url, "up")}
    assert values == {"web": value, "worker": value}


def test_an_empty_token_file_works_without_a_token(
    stack: Stack, web: Process, worker: Process, tmp_path: Path
) -> None:
    empty = tmp_path / "token"
    empty.touch()
    prometheus = scraping(stack, tmp_path, web, worker, empty)
    eventually(lambda: check_up(prometheus, "1"))
    prometheus.stop()


def test_a_token_protects_web_and_worker_and_prometheus_reads_it_from_a_file(
    stack: Stack, tmp_path: Path
) -> None:
    own = {"METRICS_TOKEN": TOKEN, "REDIS_URL": redis_url(13)}
    web, worker = stack.web(**own), stack.worker(**own, WORKER_METRICS_HOST="0.0.0.0")
    assert listening_addresses(worker) == {"0.0.0.0"}
    for headers in ({}, {"authorization": "Bearer no"}, {"authorization": f"Basic {TOKEN}"}):
        response = httpx.get(f"{worker.url}/metrics", headers=headers)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
        assert response.text == ""
    response = httpx.get(f"{worker.url}/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert "celery_worker_processes 2.0" in response.text
    assert 'metrics_scrapes_refused_total{status="401"} 3.0' in response.text

    token = tmp_path / "token"
    token.touch()
    prometheus = scraping(stack, tmp_path, web, worker, token)
    eventually(lambda: check_up(prometheus, "0"))
    token.write_text(TOKEN + "\n")
    eventually(lambda: check_up(prometheus, "1"))
    for process in (prometheus, worker, web):
        process.stop()


def test_the_endpoint_listens_on_loopback_by_default(worker: Process) -> None:
    assert listening_addresses(worker) == {"127.0.0.1"}


def listening_addresses(worker: Process) -> set[str]:
    connections = psutil.Process(worker.popen.pid).net_connections()
    return {connection.laddr.ip for connection in connections if connection.status == "LISTEN"}


class TestHealthCheckOfCompose:
    """The health check of docker-compose.yml for a worker without a metrics endpoint."""

    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]

    def healthy(self, folder: Path) -> bool:
        kind, command = self.compose["healthcheck"]["test"]
        container_folder = self.compose["environment"]["WORKER_METRICS_DIR"]
        assert (kind, command.count(container_folder)) == ("CMD-SHELL", 1)
        local = ["sh", "-c", command.replace(container_folder, str(folder))]
        return not subprocess.run(local, check=False, stderr=subprocess.DEVNULL).returncode

    def test_a_worker_is_healthy_while_it_runs(self, stack: Stack, tmp_path: Path) -> None:
        worker = stack.run(
            "worker",
            ["bin/worker"],
            ENABLE_PROMETHEUS="0",
            REDIS_URL=redis_url(13),
            WORKER_METRICS_PORT=str(free_port()),
            WORKER_METRICS_DIR=str(tmp_path),
            WORKER_PROCESSES="1",
        )
        assert not self.healthy(tmp_path)
        eventually_equal(lambda: self.healthy(tmp_path), True)
        os.kill(worker.popen.pid, signal.SIGSTOP)
        expired = time.time() - 60
        os.utime(tmp_path / "alive", (expired, expired))
        time.sleep(3)
        assert not self.healthy(tmp_path)
        os.kill(worker.popen.pid, signal.SIGCONT)
        eventually_equal(lambda: self.healthy(tmp_path), True)
        worker.stop()


def test_a_new_worker_exports_the_audit_result_and_checks_the_ledger_before_the_first_scrape(
    stack: Stack,
) -> None:
    """Gauges that start at 0 would report an intact audit trail."""
    database = stack.environment["DB_NAME"]
    execute("INSERT INTO events_stream (name, seq, digest, anchored_seq, verified_at, bad_seq)"
            " VALUES ('forged', 0, '', 0, to_timestamp(1700000000), 3)", database)  # fmt: skip
    started = time.time()
    worker = stack.worker(REDIS_URL=redis_url(12))
    metrics = samples(worker)
    worker.stop()
    execute("UPDATE events_stream SET bad_seq = NULL", database)
    assert metrics["audit_broken_streams", ""] == 1
    assert metrics["audit_verified_timestamp_seconds", ""] >= 1_700_000_000
    assert metrics["ledger_checked_timestamp_seconds", ""] >= started
