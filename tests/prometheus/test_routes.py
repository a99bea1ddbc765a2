"""Who is told of which alert: asked of amtool, and of a real Alertmanager."""

import json
import re
import subprocess
import time
from typing import Any

import pytest
import yaml

from drills.alertmanager import COMMITTED, ROUTING_KEY
from drills.receiver import Receiver
from grafana.promql import selectors
from tests.prometheus.alertmanager import (
    FAILED,
    INTERVAL,
    RULES,
    SOON,
    Alertmanager,
    labels_of,
    wait_for_count,
)
from tests.prometheus.alerts import Alert, alerts

pytestmark = pytest.mark.stack

RECEIVERS = {"critical": "pagerduty", "warning": "slack", "none": "dead-mans-switch"}


def receiver_of(labels: dict[str, str]) -> str:
    given = [f"{name}={value}" for name, value in labels.items()]
    command = ["amtool", "config", "routes", "test", f"--config.file={COMMITTED}", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("alert", alerts(), ids=str)
def test_an_alerts_severity_says_who_is_told(alert: Alert) -> None:
    labels = labels_of(alert.name, **alert.rule["labels"], job="web", instance="a:8000")
    assert receiver_of(labels) == RECEIVERS[alert.severity]


@pytest.mark.parametrize(
    "labels",
    [
        {"alertname": "Unheard"},
        {"alertname": "Unheard", "severity": "info"},
        {"alertname": "Unheard", "severity": ""},
        {"alertname": "Unheard", "severity": "Critical"},
    ],
)
def test_what_nobody_foresaw_is_told_in_slack(labels: dict[str, str]) -> None:
    assert receiver_of(labels) == "slack"


def test_a_page_and_its_end_are_one_incident_at_pagerduty(
    alertmanager: Alertmanager, told: Receiver
) -> None:
    labels = labels_of("JobMissing", job="worker")
    alertmanager.fire(labels, description="No worker answers Prometheus.")
    page = told.wait_for("JobMissing", "firing", SOON)
    assert page.channel == "pagerduty"
    assert page.body["routing_key"] == ROUTING_KEY
    assert page.body["event_action"] == "trigger"
    assert page.body["payload"] == {
        "summary": "JobMissing: No process of a kind is left",
        "source": "DeltaCrown",
        "severity": "critical",
        "class": "JobMissing",
        "component": "worker",
        "custom_details": {
            "what": "No worker answers Prometheus. ",
            "runbook": RULES["JobMissing"]["annotations"]["runbook_url"],
        }
        | defaults(page.body),
    }
    assert page.links == (RULES["JobMissing"]["annotations"]["dashboard_url"],)

    alertmanager.resolve(labels)
    over = told.wait_for("JobMissing", "resolved", SOON)
    assert (over.body["event_action"], over.key) == ("resolve", page.key)
    assert len(told.of("JobMissing")) == 2
    assert told.refused == []


def defaults(body: dict[str, Any]) -> dict[str, str]:
    """What Alertmanager adds to the details by itself."""
    details: dict[str, str] = body["payload"]["custom_details"]
    return {
        name: details[name]
        for name in ("firing", "num_firing", "num_resolved", "resolved")
        if name in details
    }


def test_two_causes_are_two_incidents(alertmanager: Alertmanager, told: Receiver) -> None:
    alertmanager.fire(labels_of("JobMissing", job="worker"), labels_of("LedgerImbalance"))
    keys = {told.wait_for(name, "firing", SOON).key for name in ("JobMissing", "LedgerImbalance")}
    assert len(keys) == 2


def test_a_warning_and_its_end_are_told_in_slack(
    alertmanager: Alertmanager, told: Receiver
) -> None:
    labels = labels_of("CeleryBacklog", queue="celery")
    alertmanager.fire(labels, description="120 tasks wait in celery.")
    warning = told.wait_for("CeleryBacklog", "firing", SOON)
    assert warning.channel == "slack"
    assert warning.summary == "Tasks come faster than they are done"
    runbook = RULES["CeleryBacklog"]["annotations"]["runbook_url"]
    assert warning.text == f"• 120 tasks wait in celery.\nRunbook: {runbook}"
    assert warning.body["attachments"][0]["color"] == "warning"
    assert warning.links == (RULES["CeleryBacklog"]["annotations"]["dashboard_url"],)

    alertmanager.resolve(labels, description="120 tasks wait in celery.")
    over = told.wait_for("CeleryBacklog", "resolved", SOON)
    assert over.text.startswith("• Over: 120 tasks wait in celery.\n")
    assert over.body["attachments"][0]["color"] == "good"
    assert [one.status for one in told.of("CeleryBacklog")] == ["firing", "resolved"]


def test_two_instances_are_one_message_which_says_what_of_it_is_over(
    alertmanager: Alertmanager, told: Receiver
) -> None:
    first, second = (labels_of("TargetDown", job="web", instance=name) for name in "ab")
    alertmanager.fire(first, description="web at a.")
    alertmanager.fire(second, description="web at b.")
    message = told.wait_for("TargetDown", "firing", SOON)
    assert message.text.startswith("• web at a.\n• web at b.\n")
    assert len(told.of("TargetDown")) == 1

    alertmanager.resolve(first, description="web at a.")
    wait_for_count(told, "TargetDown", 2, SOON)
    assert told.of("TargetDown")[1].status == "firing"
    assert set(told.of("TargetDown")[1].text.splitlines()[:2]) == {
        "• Over: web at a.",
        "• web at b.",
    }


def test_another_job_is_another_message(alertmanager: Alertmanager, told: Receiver) -> None:
    for job in ("web", "node"):
        alertmanager.fire(labels_of("TargetDown", job=job, instance="a"))
    wait_for_count(told, "TargetDown", 2, SOON)
    assert len({one.text for one in told.of("TargetDown")}) == 1


@pytest.mark.parametrize(
    "said",
    [
        'Beat\'s heartbeat: "never"',
        r"C:\path\n {{ .CommonLabels.alertname }} 100% `code`",
        "a < b && b > c; <script>alert(1)</script>",
        "zwei\nZeilen, Größe 3 µs – 🏆",
    ],
)
def test_what_an_annotation_says_arrives_as_it_was_written(
    alertmanager: Alertmanager, told: Receiver, said: str
) -> None:
    alertmanager.fire(labels_of("TargetDown"), summary=said, description=said)
    alertmanager.fire(labels_of("LedgerImbalance"), summary=said, description=said)
    warning = told.wait_for("TargetDown", "firing", SOON)
    assert warning.summary == said
    assert warning.text.startswith(f"• {said}\n")
    page = told.wait_for("LedgerImbalance", "firing", SOON)
    assert page.summary == f"LedgerImbalance: {said}"
    assert page.body["payload"]["custom_details"]["what"] == f"{said} "


def test_the_switch_is_told_each_interval_and_never_that_it_is_over(
    alertmanager: Alertmanager, told: Receiver
) -> None:
    labels = labels_of("Watchdog")
    alertmanager.fire(labels)
    told.wait_for("Watchdog", "firing", SOON)
    wait_for_count(told, "Watchdog", 4, SOON)
    alertmanager.resolve(labels)
    assert {one.channel for one in told.of("Watchdog")} == {"watchdog"}
    count = len(told.of("Watchdog"))
    time.sleep(3 * INTERVAL)
    assert told.of("Watchdog", "resolved") == []
    assert len(told.of("Watchdog")) <= count + 1


@pytest.mark.parametrize(
    ("name", "channel", "statuses"),
    [
        ("LedgerImbalance", "pagerduty", (500, 503)),
        ("LedgerImbalance", "pagerduty", (429, 429)),
        ("CeleryBacklog", "slack", (500, 502)),
        ("CeleryBacklog", "slack", (429,)),
        ("CeleryBacklog", "slack", (403,)),
    ],
)
def test_what_a_service_does_not_take_is_sent_until_it_does(
    alertmanager: Alertmanager, told: Receiver, name: str, channel: Any, statuses: tuple[int, ...]
) -> None:
    told.fail_next(channel, *statuses)
    alertmanager.fire(labels_of(name))
    told.wait_for(name, "firing", SOON)
    assert told.pending_failures(channel) == 0
    assert len(told.of(name)) == 1


@pytest.mark.parametrize(
    ("name", "channel"), [("LedgerImbalance", "pagerduty"), ("CeleryBacklog", "slack")]
)
def test_a_message_that_is_refused_is_counted_where_the_alert_about_it_looks(
    alertmanager: Alertmanager, told: Receiver, name: str, channel: Any
) -> None:
    asked = selectors(RULES["NotificationsFail"]["expr"])
    assert [selector.metric for selector in asked] == [FAILED]
    assert alertmanager.failed(channel) == 0
    told.fail_next(channel, 400)
    alertmanager.fire(labels_of(name))
    told.wait_for(name, "firing", SOON)
    assert alertmanager.failed(channel) == 1


def test_secrets_are_read_from_files_and_shown_nowhere(
    alertmanager: Alertmanager, told: Receiver
) -> None:
    alertmanager.fire(labels_of("LedgerImbalance"), labels_of("TargetDown"), labels_of("Watchdog"))
    for name in ("LedgerImbalance", "TargetDown", "Watchdog"):
        told.wait_for(name, "firing", SOON)
    shown = alertmanager.status() + alertmanager.metrics() + alertmanager.log()
    assert "routing_key_file" in shown
    for secret in (ROUTING_KEY, told.slack_url, "T0/B0", "a-token"):
        assert secret not in shown


def test_the_committed_file_names_secrets_and_holds_none() -> None:
    names = set(re.findall(r"^\s*-?\s*\{?(\w+):", COMMITTED.read_text(), re.MULTILINE))
    assert not names & {"routing_key", "service_key", "api_url", "credentials", "password"}
    text = json.dumps(yaml.safe_load(COMMITTED.read_text()))
    for name in ("routing_key_file", "api_url_file", "credentials_file"):
        assert re.search(rf'"{name}": "/run/secrets/\w+"', text)
