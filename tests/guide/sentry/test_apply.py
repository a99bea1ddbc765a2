"""MONITORING.md, "Sentry Integration": the alerts and queries as files that an operator applies."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guide.claims import guide
from tests.guide.sentry.api import ALERTS, ORGANIZATION, PROJECT, QUERIES, TOKEN, SentryApi

CHAPTER = "Sentry Integration"
ROOT = Path(__file__).parents[3]
VARIABLES = {
    "SENTRY_TOKEN": TOKEN,
    "SENTRY_ORG": ORGANIZATION,
    "SENTRY_PROJECT": PROJECT,
    "SENTRY_TEAM_ID": "7",
    "SENTRY_SLACK_CHANNEL": "#crown-alerts",
    "SENTRY_SLACK_INTEGRATION_ID": "9",
}


@pytest.fixture
def api() -> Iterator[SentryApi]:
    api = SentryApi()
    yield api
    api.stop()


def applied(url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SENTRY_")}
    return subprocess.run(
        [sys.executable, "sentry/apply.py"],
        cwd=ROOT,
        env={**kept, **VARIABLES, "SENTRY_URL": url, **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_alerts_and_queries_are_made(api: SentryApi) -> None:
    done = applied(api.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "alert High Error Rate created",
        "query High Error Rate created",
        "query Slow Transactions created",
        "query WebSocket Errors created",
    ]
    files = json.loads((ROOT / "sentry" / "queries.json").read_text())
    assert [{**one, "projects": [42]} for one in files] == [
        {name: value for name, value in row.items() if name != "id"} for row in api.rows[QUERIES]
    ]


@guide(CHAPTER, "Threshold: > 100 errors/hour", "Alert: Email + Slack webhook")
def test_the_alert_mails_a_team_and_tells_slack(api: SentryApi) -> None:
    applied(api.url)
    [rule] = api.rows[ALERTS]
    [trigger] = rule["triggers"]
    assert (rule["timeWindow"], trigger["alertThreshold"], rule["thresholdType"]) == (60, 100, 0)
    assert rule["projects"] == [PROJECT]
    assert trigger["actions"] == [
        {"type": "email", "targetType": "team", "targetIdentifier": "7"},
        {
            "type": "slack",
            "targetType": "specific",
            "targetIdentifier": "#crown-alerts",
            "integrationId": 9,
        },
    ]


def test_the_second_time_they_are_replaced(api: SentryApi) -> None:
    applied(api.url)
    done = applied(api.url, SENTRY_SLACK_CHANNEL='#with-a-"quote"')
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["replaced"] * 4
    assert (len(api.rows[ALERTS]), len(api.rows[QUERIES])) == (1, 3)
    [rule] = api.rows[ALERTS]
    assert rule["triggers"][0]["actions"][1]["targetIdentifier"] == '#with-a-"quote"'


def test_what_has_the_name_is_found_on_the_third_page(api: SentryApi) -> None:
    others = [{"id": str(number), "name": f"Other {number}"} for number in range(1000, 1230)]
    api.rows[ALERTS] = [*others, {"id": "5", "name": "High Error Rate"}]
    assert "alert High Error Rate replaced" in applied(api.url).stdout
    assert len(api.rows[ALERTS]) == 231
    assert api.rows[ALERTS][-1]["aggregate"] == "count()"
    assert api.asked[:4] == [("GET", ALERTS)] * 3 + [("PUT", f"{ALERTS}5/")]


def test_a_token_that_is_not_valid_is_said_so_and_not_shown(api: SentryApi) -> None:
    done = applied(api.url, SENTRY_TOKEN="sntrys_mistyped")
    assert done.returncode == 1
    assert '401 {"detail": "Invalid token"}\nSENTRY_TOKEN is not valid.' in done.stderr
    assert "sntrys_mistyped" not in done.stdout + done.stderr


def test_a_token_without_the_scopes_is_told_which() -> None:
    api = SentryApi(refuses=403)
    try:
        done = applied(api.url)
    finally:
        api.stop()
    assert done.returncode == 1
    assert "403" in done.stderr
    assert "alerts:write, org:read, org:write and project:read" in done.stderr


def test_a_project_that_is_not_there_is_said_so(api: SentryApi) -> None:
    done = applied(api.url, SENTRY_PROJECT="wbe")
    assert done.returncode == 1
    assert "Is SENTRY_ORG or SENTRY_PROJECT misspelled?" in done.stderr


def test_variables_that_are_missing_are_named_before_anything_is_asked(api: SentryApi) -> None:
    done = applied(api.url, SENTRY_TEAM_ID="", SENTRY_ORG="")
    assert done.returncode == 1
    assert done.stderr == "Missing: SENTRY_ORG, SENTRY_TEAM_ID. See sentry/README.md.\n"
    assert api.asked == []


def test_an_id_that_is_no_number_is_named_before_anything_is_asked(api: SentryApi) -> None:
    done = applied(api.url, SENTRY_TEAM_ID="crown-team")
    assert done.stderr == "Not a number: SENTRY_TEAM_ID. See sentry/README.md.\n"
    assert api.asked == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://sentry.invalid"])
def test_a_host_that_is_not_there_is_one_line(url: str) -> None:
    done = applied(url)
    assert done.returncode == 1
    assert url in done.stderr
    assert "invalid response" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_address_that_is_none_is_one_line() -> None:
    assert applied("sentry.example").stderr == "SENTRY_URL is not a URL: sentry.example\n"


def test_every_variable_is_in_the_readme() -> None:
    readme = (ROOT / "sentry" / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in [*VARIABLES, "SENTRY_URL"])
