"""The probes respond independently of the rest of the process."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.core import health
from apps.core.health import CHECK_TIMEOUT, Probes, Readiness
from stack.ports import free_port
from tests.api.served import Served, served
from tests.asgi import client_of
from tests.core.prometheus.test_endpoint import beyond

KEY = {"SECRET_KEY": "k" * 40}


@pytest.mark.django_db(transaction=True)
async def test_a_project_without_a_channel_layer_is_ready(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {}
    report = await Readiness().report()
    assert (report["status"], report["channel_layer"]) == ("ready", "disabled")


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readiness"])
async def test_a_probe_rejects_post(path: str) -> None:
    answer = await client_of(Probes(beyond)).post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/healthzz", "/api/healthz"])
async def test_other_paths_reach_the_application(path: str) -> None:
    assert (await client_of(Probes(beyond)).get(path)).status_code == 299


async def test_hanging_checks_time_out_concurrently() -> None:
    running: list[str] = []
    running_at_timeout = []

    async def hangs() -> str:
        running.append("check")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            running_at_timeout.append(len(running))
            raise
        return "ok"

    readiness = Readiness()
    readiness.checks = {"database": hangs, "redis": hangs, "channel_layer": hangs}
    report = await readiness.report()
    assert CHECK_TIMEOUT == 1.0
    assert running_at_timeout == [3, 3, 3]
    assert report["status"] == "not_ready"
    assert report["error"].count(";") == 2


async def test_concurrent_probes_share_one_report() -> None:
    calls = []

    async def count() -> str:
        calls.append(1)
        return "ok"

    readiness = Readiness()
    readiness.checks = {"database": count, "redis": count, "channel_layer": count}
    await asyncio.gather(*(readiness.report() for _ in range(20)))
    assert len(calls) == 3


@pytest.fixture(params=["refuses", "hangs", "is a folder"])
def without_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """A web process whose PostgreSQL refuses connections, or accepts them and never responds, or
    whose SQLite file cannot be opened."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        databases = {
            "refuses": {"DB_HOST": "127.0.0.1", "DB_PORT": str(free_port())},
            "hangs": {"DB_HOST": "127.0.0.1", "DB_PORT": str(silent.getsockname()[1])},
            "is a folder": {"SQLITE_PATH": str(tmp_path)},
        }
        with served(tmp_path, database=None, **databases[request.param], **KEY) as running:
            yield running


def test_a_process_without_its_database_is_alive_but_not_ready(without_database: Served) -> None:
    for _ in range(2):
        answer = without_database.http.get("/readiness")
        assert answer.status_code == 503
        report = answer.json()
        assert (report["status"], report["database"]) == ("not_ready", "error")
        assert report["error"] == "Database connection failed"
        assert without_database.http.get("/healthz").status_code == 200
        time.sleep(health.CACHE_SECONDS)  # the second request checks again


async def test_the_check_of_a_project_is_reported_like_the_others() -> None:
    async def check_disk() -> str:
        raise OSError("no room")

    readiness = Readiness()
    readiness.checks = {"disk": check_disk}
    report = await readiness.report()
    assert (report["disk"], report["error"]) == ("error", "Check of disk failed")
