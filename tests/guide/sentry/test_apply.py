"""MONITORING.md, "Sentry Integration": `sentry/apply.py` creates the alerts and queries."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.guide.claims import guide
from tests.guide.sentry.api import ALERTS, ORGANIZATION, PROJECT, QUERIES, TOKEN, SentryApi
from tests.programs import ROOT, run_without_sentry

CHAPTER = "Sentry Integration"
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
    with closing(SentryApi()) as api:
        yield api


def apply(url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = VARIABLES | {"SENTRY_URL": url} | variables
    return run_without_sentry(sys.executable, "sentry/apply.py", **environment)


def test_alerts_and_queries_are_created(api: SentryApi) -> None:
    done = apply(api.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "alert High Error Rate created",
        "query High Error Rate created",
        "query Slow Transactions created",
        "query WebSocket Errors created",
    ]
    files = json.loads((ROOT / "sentry" / "queries.json").read_text())
    assert [{**query, "projects": [42]} for query in files] == [
        {name: value for name, value in row.items() if name != "id"} for row in api.rows[QUERIES]
    ]


@guide(CHAPTER, "Threshold: > 100 errors/hour", "Alert: Email + Slack webhook")
def test_the_alert_notifies_a_team_by_mail_and_slack(api: SentryApi) -> None:
    apply(api.url)
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


def test_a_second_run_replaces_them(api: SentryApi) -> None:
    apply(api.url)
    done = apply(api.url, SENTRY_SLACK_CHANNEL='#with-a-"quote"')
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["replaced"] * 4
    assert (len(api.rows[ALERTS]), len(api.rows[QUERIES])) == (1, 3)
    [rule] = api.rows[ALERTS]
    assert rule["triggers"][0]["actions"][1]["targetIdentifier"] == '#with-a-"quote"'


def test_an_alert_on_the_third_page_is_replaced(api: SentryApi) -> None:
    others = [{"id": str(number), "name": f"Other {number}"} for number in range(1000, 1230)]
    api.rows[ALERTS] = [*others, {"id": "5", "name": "High Error Rate"}]
    assert "alert High Error Rate replaced" in apply(api.url).stdout
    assert len(api.rows[ALERTS]) == 231
    assert api.rows[ALERTS][-1]["aggregate"] == "count()"
    assert api.requests[:4] == [("GET", ALERTS)] * 3 + [("PUT", f"{ALERTS}5/")]


def test_an_invalid_token_is_reported_but_not_shown(api: SentryApi) -> None:
    done = apply(api.url, SENTRY_TOKEN="sntrys_mistyped")
    assert done.returncode == 1
    assert '401 {"detail": "Invalid token"}\nSENTRY_TOKEN is not valid.' in done.stderr
    assert "sntrys_mistyped" not in done.stdout + done.stderr


def test_missing_scopes_of_a_token_are_reported() -> None:
    with closing(SentryApi(error=403)) as api:
        done = apply(api.url)
    assert done.returncode == 1
    assert "403" in done.stderr
    assert "alerts:write, org:read, org:write and project:read" in done.stderr


def test_an_unknown_project_is_reported(api: SentryApi) -> None:
    done = apply(api.url, SENTRY_PROJECT="wbe")
    assert done.returncode == 1
    assert "Is SENTRY_ORG or SENTRY_PROJECT misspelled?" in done.stderr


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SENTRY_TEAM_ID": "", "SENTRY_ORG": ""}, "Missing: SENTRY_ORG, SENTRY_TEAM_ID. See "),
        ({"SENTRY_TEAM_ID": "crown-team"}, "Not a number: SENTRY_TEAM_ID. See "),
        ({"SENTRY_URL": "sentry.example"}, "SENTRY_URL is not a URL: sentry.example\n"),
    ],
    ids=["missing", "not a number", "not a URL"],
)
def test_a_wrong_variable_is_reported_before_any_request(
    api: SentryApi, variables: dict[str, str], message: str
) -> None:
    done = apply(api.url, **variables)
    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert api.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://sentry.invalid"])
def test_an_unreachable_host_is_reported_in_one_line(url: str) -> None:
    done = apply(url)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert url in line
    assert "invalid response" in line


def test_every_variable_is_in_the_readme() -> None:
    readme = (ROOT / "sentry" / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in [*VARIABLES, "SENTRY_URL"])
