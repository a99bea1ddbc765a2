"""MONITORING.md, "Troubleshooting": each thing that may be wrong is made so, and is said."""

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apps.core.checks.deployment import Deployment, StepFailed
from tests.api.served import Served, served
from tests.guide.claims import guide
from tests.sentry_capture import SentryServer

ROOT = Path(__file__).parents[2]
CHAPTER = "Troubleshooting"
BEFORE = '"apps.core.http.request_metrics.BeforeMiddleware"'


def check(folder: Path, *lines: str, **environment: str) -> str:
    """The output of `manage.py check` with the project's settings, and these lines after them."""
    (folder / "changed.py").write_text("\n".join(["from deltacrown.settings import *", *lines, ""]))
    path = {"DJANGO_SETTINGS_MODULE": "changed", "PYTHONPATH": str(folder)}
    done = manage("check", **({"SENTRY_DSN": ""} | path | environment))
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def missing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The output of a project that lacks each part."""
    return check(
        tmp_path_factory.mktemp("missing"),
        "from prometheus_client import Counter",
        "INSTALLED_APPS = INSTALLED_APPS[1:]",
        f"MIDDLEWARE.remove({BEFORE})",
        "DATABASES['default']['ENGINE'] = 'django.db.backends.sqlite3'",
        "SENTRY_DSN = 'https://a@b/1'",
        "Counter('careless', 'x', ['user_id'])",
        "LOGGING['handlers']['file'] = {'filename': '/dev/null/app.log'}",
        "LOGGING_CONFIG = None",
        METRICS_MAX_TOURNAMENTS="5000",
    )


@pytest.fixture(scope="module")
def misplaced(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The output of a project whose parts are in the wrong order."""
    return check(
        tmp_path_factory.mktemp("misplaced"),
        "INSTALLED_APPS = [*INSTALLED_APPS[1:], INSTALLED_APPS[0]]",
        f"MIDDLEWARE.remove({BEFORE})",
        f"MIDDLEWARE.insert(2, {BEFORE})",
        "MIDDLEWARE.insert(3, MIDDLEWARE.pop())",
    )


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    usual = {"DEBUG": "1", "DB_HOST": "", "REDIS_URL": ""}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | usual | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_a_correct_project_has_no_issues(tmp_path: Path) -> None:
    assert "System check identified no issues" in check(tmp_path)


@guide(CHAPTER, "Check /metrics/ endpoint manually")
def test_the_metrics_endpoint_is_checked(server: Served) -> None:
    assert "expected names" in Deployment(server.origin).check_metrics()
    with pytest.raises(StepFailed, match="/nowhere responds with 404"):
        Deployment(server.origin, metrics_path="/nowhere").check_metrics()


@guide(CHAPTER, "Verify django-prometheus in INSTALLED_APPS (must be FIRST)")
def test_the_app_is_checked_and_its_position(missing: str, misplaced: str) -> None:
    assert "(core.E001) django_prometheus is not in INSTALLED_APPS." in missing
    assert "(core.W002) django_prometheus is not the first" in misplaced


@guide(CHAPTER, "Check middleware order (Before/After middlewares)")
def test_the_order_of_the_middlewares_is_checked(missing: str, misplaced: str) -> None:
    assert "(core.E003) PrometheusBeforeMiddleware is not in MIDDLEWARE" in missing
    assert "(core.E004) PrometheusBeforeMiddleware is not the first middleware." in misplaced
    assert "(core.E004) PrometheusAfterMiddleware is not the last middleware." in misplaced


def test_a_database_without_query_metrics_is_named(missing: str) -> None:
    assert "(core.E005) Queries of the database 'default' are not counted." in missing
    assert "Use django_prometheus.db.backends.sqlite3." in missing


@guide(CHAPTER, "Restart application after config changes")
def test_a_process_older_than_its_configuration_is_found(
    server: Served, tmp_path: Path, settings: object
) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    (tmp_path / ".env").write_text("DEBUG=1\n")
    with pytest.raises(StepFailed, match="restart it"):
        Deployment(server.origin).check_configuration()
    os.utime(tmp_path / ".env", (1, 1))
    assert "newer than .env" in Deployment(server.origin).check_configuration()


@guide(
    CHAPTER,
    "Verify SENTRY_DSN is set correctly",
    "Check Sentry integration is initialized",
)
def test_an_invalid_dsn_and_an_unused_dsn_are_named(missing: str, tmp_path: Path) -> None:
    assert "SENTRY_DSN is no" in check(tmp_path, SENTRY_DSN="https://sentry.example/")
    assert "(core.E011) SENTRY_DSN is set, but Sentry is not" in missing


@guide(CHAPTER, "Test with manual capture_exception() call")
def test_an_exception_that_is_captured_by_hand_arrives() -> None:
    server = SentryServer()
    try:
        done = manage(
            "shell", "-v0", "-c",
            "import sentry_sdk\n"
            "try: 1 / 0\n"
            "except ZeroDivisionError as e: print(sentry_sdk.capture_exception(e))",
            SENTRY_DSN=server.dsn,
        )  # fmt: skip
    finally:
        server.stop()
    [event] = server.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["event_id"] in done.stdout


class Refusing(BaseHTTPRequestHandler):
    """A Sentry whose project has used up its quota, or that does not know the key."""

    status = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@guide(CHAPTER, "Check Sentry project settings (allowed domains, rate limits)")
@pytest.mark.parametrize("status", [429, 403])
def test_an_event_that_the_projects_settings_refuse_is_told(server: Served, status: int) -> None:
    handler = type("Handler", (Refusing,), {"status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as refusing:
        threading.Thread(target=refusing.serve_forever, daemon=True).start()
        dsn = f"http://public@127.0.0.1:{refusing.server_port}/1"
        done = manage("check_monitoring", server.origin, SENTRY_DSN=dsn)
        refusing.shutdown()
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert re.fullmatch(
        rf"failed +Sentry accepts an event +Sentry did not accept the event: status_{status}\.",
        first,
    )


@guide(CHAPTER, "Avoid using user IDs as labels")
def test_labels_with_a_series_for_each_user_are_named(missing: str) -> None:
    assert "(core.E006) careless has the label user_id." in missing
    assert "(core.W007) 5000 values of the label" in missing


@guide(
    CHAPTER,
    "Limit tournament_id labels to active tournaments only",
    "Use label prefixing/bucketing for high-cardinality data",
)
def test_a_tournament_has_series_while_it_is_active_and_there_is_room(tmp_path: Path) -> None:
    """Beyond METRICS_MAX_TOURNAMENTS the bucket is "other"."""
    name = "tournament_registrations_total"
    with served(tmp_path, METRICS_MAX_TOURNAMENTS="1", METRICS_RETIRE_SECONDS="0") as server:
        organizer = server.player()
        first, second = server.opened(organizer), server.opened(organizer)
        for cup in (first, second):
            server.post(f"/api/tournaments/{cup}/registrations", by=server.player())

        def signed_up(label: str) -> float | None:
            return server.value(name, tournament_id=label, status="SUCCESS")

        assert [signed_up(str(first)), signed_up(str(second)), signed_up("other")] == [1, None, 1]
        server.post(f"/api/tournaments/{first}/cancel", by=organizer)
        assert [signed_up(str(first)), signed_up("other")] == [None, 1]


def test_a_log_file_that_is_not_writable_is_named(missing: str) -> None:
    assert "The log file /dev/null/app.log cannot be written." in missing
