"""MONITORING.md, "Health Check Endpoints": the bodies as it shows them."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from apps.core import health
from stack.ports import free_port, wait_for_port
from tests.api.served import Served, served
from tests.guide.claims import Claim, claims, guide

CHAPTER = "Health Check Endpoints"


def shown(first_line: str) -> dict[str, str]:
    """The body that the guide shows."""
    claim: Claim = next(
        one for one in claims() if one.chapter == CHAPTER and one.begins_with(first_line)
    )
    body: dict[str, str] = json.loads(claim.text[claim.text.index("{") :])
    return body


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
    process.kill()
    process.wait(10)


@guide(
    CHAPTER,
    "Returns 200 OK if the application is running.",
    "$ curl http://localhost:8000/healthz",
    "Use Case: Kubernetes liveness probe",
)
def test_healthz_says_that_the_process_lives(server: Served) -> None:
    answer = server.http.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == shown("$ curl http://localhost:8000/healthz")
    # As a load balancer asks: by address, with a slash or without.
    elsewhere = {"Host": "10.0.0.7"}
    assert server.http.get("/healthz/", headers=elsewhere).status_code == 200


@guide(
    CHAPTER,
    "Returns 200 OK if application + dependencies are ready.",
    "$ curl http://localhost:8000/readiness",
    "Database connection (PostgreSQL)",
    "Redis connection (cache + channels)",
    "Channel layer availability",
    "Use Case: Kubernetes readiness probe",
    '"status": "not_ready"',
)
@pytest.mark.redis
def test_readiness_says_what_answers_and_what_does_not(
    tmp_path: Path, redis: tuple[subprocess.Popen[bytes], str]
) -> None:
    with served(tmp_path, REDIS_URL=redis[1]) as server:
        answer = server.http.get("/readiness")
        assert answer.status_code == 200
        report = answer.json()
        assert _without_time(report) == _without_time(
            shown("$ curl http://localhost:8000/readiness")
        ) | {"channel_layer": "ok"}
        redis[0].kill()
        redis[0].wait(10)
        time.sleep(health.CACHE_SECONDS)  # so long an answer is given again
        gone = server.http.get("/readiness")
        assert gone.status_code == 503
        expected = _without_time(shown('"status": "not_ready"'))
        told = _without_time(gone.json())
        assert told.pop("channel_layer") == "error"
        assert told.pop("error").startswith(expected.pop("error"))
        assert told == expected


@guide(CHAPTER, "Database connection (PostgreSQL)")
def test_readiness_asks_the_database(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        assert server.http.get("/readiness").json()["database"] == "ok"
        for file in tmp_path.glob("db.sqlite3*"):
            file.unlink()
        (tmp_path / "db.sqlite3").mkdir()
    with served(tmp_path, migrated=False) as server:
        answer = server.http.get("/readiness")
        assert (answer.status_code, answer.json()["database"]) == (503, "error")
        assert answer.json()["error"] == "Database connection failed"
        assert server.http.get("/healthz").status_code == 200


def _without_time(report: dict[str, str]) -> dict[str, str]:
    """The report without its timestamp, which has to be one, in UTC."""
    at = report["timestamp"]
    assert at.endswith("Z")
    assert datetime.fromisoformat(at).tzinfo is not None
    return {key: value for key, value in report.items() if key != "timestamp"}
