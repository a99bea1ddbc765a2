"""MONITORING.md, "Testing Monitoring Setup": `manage.py check_monitoring` against a running process
and against other servers."""

import re
from io import StringIO
from pathlib import Path
from unittest.mock import ANY

from django.core.management import call_command

from stack.ports import free_port
from stack.sentry import SentryServer
from tests.api.served import Served, served
from tests.faulty_servers import faulty_server, responds
from tests.guide.claims import guide
from tests.programs import manage
from tests.sentry_capture import capturing

CHAPTER = "Testing Monitoring Setup"


def check(*arguments: str) -> tuple[int | str | None, str]:
    """The exit status and the output of the command."""
    output = StringIO()
    try:
        call_command("check_monitoring", *arguments, stdout=output)
    except SystemExit as end:
        return end.code, output.getvalue()
    return 0, output.getvalue()


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
    done = manage("check_monitoring", server.origin, SENTRY_DSN=sentry.dsn)
    assert done.returncode == 0, done.stdout + done.stderr
    [event] = sentry.events()
    assert event["message"] == "Test message from check_monitoring"
    assert [re.split(r" {2,}", line, maxsplit=2) for line in done.stdout.splitlines()] == [
        ["ok", "Sentry accepts an event", f"event {event['event_id']}"],
        ["ok", "Metrics are exposed", ANY],
        [ANY, "The configuration is loaded", ANY],
        ["ok", "/healthz", "healthy"],
        ["ok", "/readiness", "database ok, redis disabled, channel_layer ok"],
        ["ok", "100 requests are counted", ANY],
    ]
    assert "django_http_requests_total_by_method +100, " in done.stdout


def test_a_step_that_cannot_be_checked_is_skipped(server: Served) -> None:
    status, output = check(server.origin)
    assert status == 0
    assert output.startswith("skipped  Sentry accepts an event")


def test_a_process_that_is_not_ready_and_requires_a_token_fails(tmp_path: Path) -> None:
    redis = f"redis://127.0.0.1:{free_port()}/0"
    with served(tmp_path, REDIS_URL=redis, METRICS_TOKEN="a-token") as server:
        status, output = check(server.origin)
        assert status == 1
        assert "Pass the token with --token, or set METRICS_TOKEN" in output
        assert "503 Redis connection failed" in output
        assert "Pass the token" not in check(server.origin, "--token", "a-token")[1]


def test_a_refused_connection_is_reported_for_each_step() -> None:
    status, output = check(f"http://127.0.0.1:{free_port()}")
    assert status == 1
    assert output.count("Connection refused") == 5


def test_a_server_of_another_application_fails() -> None:
    page = responds("200 OK\r\nConnection: close", "<html>not a metric</html>")
    with faulty_server(page) as server:
        status, output = check(server.url)
    assert status == 1
    assert "Missing: " in output or "is not a metrics page" in output
    assert "Is this the right server?" in output


def test_an_unreachable_sentry_fails(server: Served) -> None:
    dsn = f"http://key@127.0.0.1:{free_port()}/1"
    with capturing(dsn=dsn, transport=None):
        status, output = check(server.origin)
    assert status == 1
    assert "failed   Sentry accepts an event" in output
