"""MONITORING.md, "Testing Monitoring Setup": `manage.py check_monitoring` against a process that
runs, and against what is none."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from stack.ports import free_port
from tests.api.served import Served, served
from tests.guide.claims import guide
from tests.sentry_capture import SentryServer

ROOT = Path(__file__).parents[2]
CHAPTER = "Testing Monitoring Setup"


class Page(BaseHTTPRequestHandler):
    """Something else than DeltaCrown."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>not a metric</html>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sentry() -> Iterator[SentryServer]:
    server = SentryServer()
    yield server
    server.stop()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    usual = {"DEBUG": "1", "DB_HOST": "", "REDIS_URL": "", "SENTRY_DSN": ""}
    return subprocess.run(
        [sys.executable, "manage.py", "check_monitoring", *arguments],
        cwd=ROOT,
        env=os.environ | usual | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@guide(
    CHAPTER,
    "import sentry_sdk",
    "sentry_sdk.capture_message(",
    "# Check Sentry dashboard for the event",
    "curl http://localhost:8000/metrics/",
    "# Should see output like:",
    "curl http://localhost:8000/healthz",
    "curl http://localhost:8000/readiness",
    "import requests",
    "def make_request():",
    "with concurrent.futures.ThreadPoolExecutor",
    "# Check Prometheus for spike in request metrics",
)
def test_all_four_steps_of_the_guide_pass(server: Served, sentry: SentryServer) -> None:
    done = run(server.origin, "--json", SENTRY_DSN=sentry.dsn)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    said = {step["step"]: (step["outcome"], step["said"]) for step in report["steps"]}
    assert report["ok"]
    [event] = sentry.events()
    assert event["message"] == "Test message from DeltaCrown"
    assert said["Sentry takes an event"] == ("ok", f"event {event['event_id']}")
    assert said["The metrics are there"][0] == "ok"
    assert said["/healthz"] == ("ok", "healthy")
    assert said["/readiness"][1] == "database ok, redis disabled, channel_layer ok"
    outcome, risen = said["100 requests show in the counters"]
    assert outcome == "ok"
    assert "django_http_requests_total_by_method +100, " in risen


def test_a_person_gets_a_table(server: Served) -> None:
    done = run(server.origin)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("skipped  Sentry takes an event")
    assert all(line.startswith(("ok", "skipped")) for line in done.stdout.splitlines())


def test_the_token_of_the_metrics_is_asked_for(tmp_path: Path) -> None:
    with served(tmp_path, METRICS_TOKEN="a-token-for-metrics") as server:
        done = run(server.origin)
        assert done.returncode == 1
        assert "wants its token: give --token or METRICS_TOKEN" in done.stdout
        assert run(server.origin, "--token", "a-token-for-metrics").returncode == 0


def test_what_is_not_ready_fails(tmp_path: Path) -> None:
    with served(tmp_path, REDIS_URL=f"redis://127.0.0.1:{free_port()}/0") as server:
        done = run(server.origin)
        assert done.returncode == 1
        assert "503 Redis connection failed" in done.stdout


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://localhost/", "http://", "nonsense"])
def test_an_invalid_address_is_one_line(address: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("check_monitoring", address)
    assert error.value.returncode == 2
    assert str(error.value) == f"{address} is no http or https URL."


def test_nobody_there_is_said_in_a_line_for_each_step() -> None:
    done = run(f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert done.stdout.count("Connection refused") == 5
    assert "Traceback" not in done.stdout + done.stderr


def test_something_else_there_is_seen_through(page: str) -> None:
    done = run(page)
    assert done.returncode == 1
    assert "Missing: " in done.stdout or "something else than metrics" in done.stdout
    assert "Is this DeltaCrown?" in done.stdout


def test_what_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.core.checks import deployment

    monkeypatch.setattr(deployment, "SECONDS", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        checked = deployment.Deployment(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(deployment.Failed, match=r"no answer within 0\.5 s"):
            checked.lives()


def test_a_sentry_that_is_not_there_fails(server: Served) -> None:
    done = run(server.origin, SENTRY_DSN=f"http://key@127.0.0.1:{free_port()}/1")
    assert done.returncode == 1
    assert "failed   Sentry takes an event" in done.stdout
