"""MONITORING.md, "Troubleshooting": each thing that may be wrong is made so, and is said."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.core.checks import wiring
from apps.core.checks.deployment import Deployment, Failed
from tests.api.served import Served
from tests.guide.claims import guide

ROOT = Path(__file__).parents[2]
CHAPTER = "Troubleshooting"
BEFORE = '"apps.core.http.metrics.BeforeMiddleware"'
Check = Callable[..., str]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """What `manage.py check` says with settings that are ours but for some lines after them."""

    def run(*lines: str, **environment: str) -> str:
        (tmp_path / "changed.py").write_text(
            "\n".join(["from deltacrown.settings import *", *lines, ""])
        )
        usual = {"DEBUG": "1", "DB_HOST": "", "REDIS_URL": "", "SENTRY_DSN": ""}
        path = {"DJANGO_SETTINGS_MODULE": "changed", "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=ROOT,
            env=os.environ | usual | path | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr

    return run


def test_what_is_right_is_right(check: Check) -> None:
    assert "System check identified no issues" in check()


@guide(CHAPTER, "Check /metrics/ endpoint manually")
def test_the_metrics_endpoint_is_checked(server: Served) -> None:
    assert "names of the guide" in Deployment(server.origin).metrics_are_there()
    with pytest.raises(Failed, match="/nowhere answered 404"):
        Deployment(server.origin, metrics_path="/nowhere").metrics_are_there()


@guide(CHAPTER, "Verify django-prometheus in INSTALLED_APPS (must be FIRST)")
def test_the_app_is_missed_and_its_place_too(check: Check) -> None:
    without = "INSTALLED_APPS = INSTALLED_APPS[1:]"
    assert "(core.E001) django_prometheus is not in INSTALLED_APPS." in check(without)
    last = "INSTALLED_APPS = [*INSTALLED_APPS[1:], INSTALLED_APPS[0]]"
    assert "(core.W002) django_prometheus is not the first" in check(last)


@guide(CHAPTER, "Check middleware order (Before/After middlewares)")
def test_the_order_of_the_middlewares_is_checked(check: Check) -> None:
    without = f"MIDDLEWARE = [one for one in MIDDLEWARE if one != {BEFORE}]"
    assert "(core.E003) There is no PrometheusBeforeMiddleware" in check(without)
    inside = f"{without}\nMIDDLEWARE.insert(2, {BEFORE})"
    assert "(core.E004) PrometheusBeforeMiddleware is not the first middleware." in check(inside)
    early = "MIDDLEWARE.insert(3, MIDDLEWARE.pop())"
    assert "(core.E004) PrometheusAfterMiddleware is not the last middleware." in check(early)


def test_a_database_whose_queries_nobody_counts_is_named(check: Check) -> None:
    plain = "DATABASES['default']['ENGINE'] = 'django.db.backends.sqlite3'"
    told = check(plain)
    assert "(core.E005) Queries of the database 'default' are not counted." in told
    assert "Use django_prometheus.db.backends.sqlite3." in told


@guide(CHAPTER, "Restart application after config changes")
def test_a_process_older_than_its_configuration_is_found(
    server: Served, tmp_path: Path, settings: object
) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    (tmp_path / ".env").write_text("DEBUG=1\n")
    with pytest.raises(Failed, match="restart it"):
        Deployment(server.origin).is_up_to_date()
    os.utime(tmp_path / ".env", (1, 1))
    assert "began after" in Deployment(server.origin).is_up_to_date()


@guide(
    CHAPTER,
    "Verify SENTRY_DSN is set correctly",
    "Check Sentry integration is initialized",
)
def test_a_dsn_that_is_none_and_one_that_is_not_used_are_said(check: Check) -> None:
    assert "SENTRY_DSN is no" in check(SENTRY_DSN="https://sentry.example/")
    assert "(core.E011) SENTRY_DSN is set, but Sentry is not" in check(
        "SENTRY_DSN = 'https://a@b/1'"
    )


@guide(
    CHAPTER,
    "Test with manual capture_exception() call",
    "Check Sentry project settings (allowed domains, rate limits)",
)
def test_an_event_that_sentry_does_not_take_is_told(server: Served) -> None:
    """Whatever the project's settings refuse, the event does not arrive: `check_monitoring` says
    that it was not delivered. Taken ones: test_testing_monitoring_setup."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check_monitoring", server.origin],
        cwd=ROOT,
        env=os.environ | {"DEBUG": "1", "DB_HOST": "", "REDIS_URL": "", "SENTRY_DSN": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "skipped  Sentry takes an event" in done.stdout


@guide(
    CHAPTER,
    "Avoid using user IDs as labels",
    "Limit tournament_id labels to active tournaments only",
    "Use label prefixing/bucketing for high-cardinality data",
)
def test_labels_that_make_a_series_for_everybody_are_named(check: Check) -> None:
    careless = "from prometheus_client import Counter\nCounter('careless', 'x', ['user_id'])"
    assert "(core.E006) careless has the label user_id." in check(careless)
    assert "(core.W007) METRICS_MAX_TOURNAMENTS lets 5000" in check(METRICS_MAX_TOURNAMENTS="5000")
    assert not [one for one in wiring.check_metrics() if one.id == "core.E006"]


def test_a_log_file_that_cannot_be_written_is_named(check: Check, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blocked = tmp_path / "file" / "app.log"
    assert f"The log file {blocked} cannot be written." in check(
        f"LOGGING['handlers']['file'] = {{'filename': {str(blocked)!r}}}", "LOGGING_CONFIG = None"
    )
