"""MONITORING.md, "Deployment Checklist": `manage.py check --deploy` verifies the eleven items.

Each test opens one item of an environment that meets all of them.
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.core.checks.checklist import CHECKLIST, check_items
from tests.api.served import Served
from tests.guide.claims import claims, guide
from tests.programs import run
from tests.sentry_capture import capturing

CHAPTER = "Deployment Checklist"
Check = Callable[..., str]


@pytest.fixture
def check(server: Served, tmp_path: Path) -> Check:
    """The command's output in a correct production environment, with the given changes."""
    (tmp_path / "slack_url").write_text("https://hooks.example/T0/B0/x")
    (tmp_path / "pagerduty_key").write_text("0123456789abcdef")
    production = {
        "DEBUG": "0",
        "SECRET_KEY": "long-enough-and-of-many-different-characters-0123456789",
        "SECURE_COOKIES": "1",
        "SECURE_SSL_REDIRECT": "1",
        "SECURE_HSTS_SECONDS": "31536000",
        "SENTRY_DSN": "http://key@127.0.0.1:9/1",
        "SENTRY_ENVIRONMENT": "production",
        "LOG_FORMAT": "json",
        "LOG_AGGREGATION": "loki",
        "PUBLIC_URL": server.origin,
        "SLACK_URL_FILE": str(tmp_path / "slack_url"),
        "PAGERDUTY_KEY_FILE": str(tmp_path / "pagerduty_key"),
        "SQLITE_PATH": str(tmp_path / "db.sqlite3"),
        "DB_HOST": "",
        "REDIS_URL": "",
    }

    def check_deploy(**changes: str) -> str:
        done = run(sys.executable, "manage.py", "check", "--deploy", **(production | changes))
        return done.stdout + done.stderr

    return check_deploy


def reports() -> str:
    """The open and unknown items of this process, one per line."""
    return "\n".join(str(message.msg) for message in check_items())


def test_the_checklist_has_the_items_of_the_guide() -> None:
    assert [text for number, (text, _) in CHECKLIST.items() if number < 200] == [
        claim.text for claim in claims() if claim.chapter == CHAPTER
    ]


def test_a_correct_environment_has_no_open_item(check: Check) -> None:
    output = check()
    assert "(core.W201) Configure the dead man's switch" in output  # not in the guide
    assert "System check identified 1 issue (0 silenced)." in output


@guide(
    CHAPTER,
    "Configure Sentry DSN in production .env",
    "Add Prometheus middleware to settings.py",
    "Configure Slack webhook for non-critical alerts",
    "Configure PagerDuty for critical alerts",
    "Test health check endpoints from load balancer",
    "Verify JSON logging in production",
)
def test_open_items_are_named_with_the_reason(check: Check) -> None:
    output = check(
        SENTRY_DSN="",
        ENABLE_PROMETHEUS="0",
        SLACK_URL_FILE="nowhere",
        PAGERDUTY_KEY_FILE=os.devnull,
        PUBLIC_URL="http://127.0.0.1:9",
        LOG_FORMAT="console",
    )
    for item in (
        r"Configure Sentry DSN in production .env: open\.",
        r"Prometheus middleware to settings.py: open\. ENABLE_PROM",
        r"Slack webhook for non-critical alerts: open\. No alerts reach Slack",
        r"PagerDuty for critical alerts: open\. .* is empty",
        r"endpoints from load balancer: open\. http://127",
        r"Verify JSON logging in production: open\. LOG_FORMAT is not",
    ):
        assert re.search(item, output)


@guide(CHAPTER, "Set appropriate Sentry sampling rates")
def test_sample_rates_above_those_of_production_are_open() -> None:
    with capturing(environment="production", traces_sample_rate=1, profiles_sample_rate=0.5):
        output = reports()
    assert "(0.1 for production): open. TRACES_SAMPLE_RATE is 1" in output
    assert "PROFILES_SAMPLE_RATE is 0.5, more than 0.1" in output


@guide(CHAPTER, "Set up log aggregation")
def test_an_item_that_cannot_be_checked_is_unknown(settings: Any) -> None:
    settings.ALERTMANAGER_SECRETS = {}
    settings.PUBLIC_URL = settings.LOG_AGGREGATION = ""
    output = reports()
    for item in (
        "Configure Slack webhook",
        "Configure PagerDuty",
        "Test health check endpoints",
        "Set up log aggregation",
    ):
        assert re.search(rf"{item}.*: unknown\. ", output)


@guide(
    CHAPTER,
    "Install django-prometheus package",
    "Configure Grafana dashboards with PromQL queries",
    "Set up alert rules in Prometheus/Grafana",
)
def test_dashboards_and_rules_are_verified_by_their_files(tmp_path: Path, settings: Any) -> None:
    """Without the folders, as in the image; then with empty folders."""
    settings.BASE_DIR = tmp_path
    output = reports()
    assert "Configure Grafana dashboards with PromQL queries: unknown." in output
    assert "Set up alert rules in Prometheus/Grafana: unknown." in output
    assert "Install django-prometheus package" not in output
    for folder in ("grafana/dashboards", "prometheus/rules"):
        (tmp_path / folder).mkdir(parents=True)
    output = reports()
    assert "PromQL queries: open. No dashboard in grafana/dashboards has a query." in output
    assert "Prometheus/Grafana: open. prometheus/rules has no alert." in output
