"""MONITORING.md, "Troubleshooting": each misconfiguration is reported."""

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from apps.core.checks import Failed
from apps.core.checks.deployment import Deployment
from apps.tournaments.services import tournament_cancel
from stack.sentry import SentryServer
from tests import factories, samples
from tests.api.served import Served
from tests.guide.claims import guide
from tests.programs import manage
from tests.sentry_capture import capturing

CHAPTER = "Troubleshooting"
BEFORE = '"apps.core.http.request_metrics.BeforeMiddleware"'


def check(folder: Path, *lines: str, **environment: str) -> str:
    """The output of `manage.py check` with the project's settings, followed by these lines."""
    (folder / "changed.py").write_text("\n".join(["from deltacrown.settings import *", *lines, ""]))
    settings = {"DJANGO_SETTINGS_MODULE": "changed", "PYTHONPATH": str(folder)}
    done = manage("check", **(settings | environment))
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


def test_a_correct_project_has_no_issues(tmp_path: Path) -> None:
    assert "System check identified no issues" in check(tmp_path)


@guide(CHAPTER, "Check /metrics/ endpoint manually")
def test_the_metrics_endpoint_is_checked(server: Served, settings: Any) -> None:
    assert "expected names" in Deployment(server.origin).check_metrics()
    settings.PROMETHEUS_METRICS_PATH = "/nowhere"
    with pytest.raises(Failed, match=r"/nowhere responds with 404\. Check ENABLE_PROMETHEUS and"):
        Deployment(server.origin).check_metrics()


@guide(CHAPTER, "Verify django-prometheus in INSTALLED_APPS (must be FIRST)")
def test_the_app_and_its_position_are_checked(missing: str, misplaced: str) -> None:
    assert "(core.E001) django_prometheus is not in INSTALLED_APPS." in missing
    assert "(core.W002) django_prometheus is not the first" in misplaced


@guide(CHAPTER, "Check middleware order (Before/After middlewares)")
def test_the_order_of_the_middlewares_is_checked(missing: str, misplaced: str) -> None:
    assert "(core.E003) PrometheusBeforeMiddleware is not in MIDDLEWARE" in missing
    assert "(core.E004) PrometheusBeforeMiddleware is not the first middleware." in misplaced
    assert "(core.E004) PrometheusAfterMiddleware is not the last middleware." in misplaced


def test_a_database_without_query_metrics_is_reported(missing: str) -> None:
    assert "(core.E005) Queries of the database 'default' are not counted." in missing
    assert "Use django_prometheus.db.backends.sqlite3." in missing


@guide(CHAPTER, "Restart application after config changes")
def test_a_process_older_than_its_configuration_is_reported(
    server: Served, tmp_path: Path, settings: Any
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / ".env").write_text("DEBUG=1\n")
    with pytest.raises(Failed, match="restart it"):
        Deployment(server.origin).check_configuration()
    os.utime(tmp_path / ".env", (1, 1))
    assert "newer than .env" in Deployment(server.origin).check_configuration()


@guide(CHAPTER, "Verify SENTRY_DSN is set correctly", "Check Sentry integration is initialized")
def test_an_invalid_dsn_and_an_unused_dsn_are_reported(missing: str, tmp_path: Path) -> None:
    placeholder = "https://your-key@sentry.io/project-id"
    output = check(tmp_path, SENTRY_DSN=placeholder)
    assert "SENTRY_DSN is not a DSN" in output
    assert placeholder not in output
    assert "(core.E011) SENTRY_DSN is set, but Sentry is not" in missing


@guide(CHAPTER, "Check Sentry project settings (allowed domains, rate limits)")
@pytest.mark.parametrize("status", [429, 403])
def test_an_event_that_sentry_rejects_is_reported(status: int) -> None:
    """429: the quota of the project is exhausted. 403: the key is unknown."""
    reason = rf"^Sentry did not accept the event: status_{status}\.$"
    with (
        closing(SentryServer(status)) as sentry,
        capturing(dsn=sentry.dsn, transport=None),
        pytest.raises(Failed, match=reason),
    ):
        Deployment("http://127.0.0.1").send_to_sentry()


@guide(CHAPTER, "Avoid using user IDs as labels")
def test_labels_with_a_series_for_each_user_are_reported(missing: str) -> None:
    assert "(core.E006) careless has the label user_id." in missing
    assert "(core.W007) 5000 values of the label" in missing


@guide(
    CHAPTER,
    "Limit tournament_id labels to active tournaments only",
    "Use label prefixing/bucketing for high-cardinality data",
)
@pytest.mark.django_db(transaction=True)
def test_active_tournaments_have_series_up_to_a_limit(settings: Any) -> None:
    """Tournaments beyond METRICS_MAX_TOURNAMENTS share the label value "other"."""
    settings.METRICS_MAX_TOURNAMENTS = 1
    first, second = factories.make_tournament(), factories.make_tournament()

    def registrations(label: object) -> float | None:
        labels = {"tournament_id": str(label), "status": "SUCCESS"}
        return samples.value("tournament_registrations_total", **labels)

    others = registrations("other") or 0
    factories.register(first)
    factories.register(second)
    assert (registrations(first.pk), registrations(second.pk)) == (1, None)
    assert registrations("other") == others + 1
    tournament_cancel(tournament_id=first.pk, organizer=first.organizer)
    assert (registrations(first.pk), registrations("other")) == (None, others + 1)


def test_a_log_file_that_is_not_writable_is_reported(missing: str) -> None:
    assert "The log file /dev/null/app.log cannot be written." in missing
