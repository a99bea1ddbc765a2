"""Routes and notifications, checked with amtool and a real Alertmanager."""

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
from grafana.thresholds import key
from tests.prometheus.alertmanager import (
    FAILED,
    INTERVAL,
    RULES,
    SOON,
    Alertmanager,
    labels_of,
    wait_for_count,
)
from tests.prometheus.alerts import Json, alerts

pytestmark = pytest.mark.stack

ADDED_BY_ALERTMANAGER = {"firing", "num_firing", "num_resolved", "resolved"}
RECEIVERS = {"critical": "pagerduty", "warning": "slack", "none": "dead-mans-switch"}


def receiver_of(labels: dict[str, str]) -> str:
    pairs = [f'{name}="{value}"' for name, value in labels.items()]
    command = ["amtool", "config", "routes", "test", f"--config.file={COMMITTED}", *pairs]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("alert", alerts(), ids=key)
def test_the_severity_selects_the_receiver(alert: Json) -> None:
    labels = {"alertname": alert["alert"], **alert["labels"], "job": "web", "instance": "a:8000"}
    assert receiver_of(labels) == RECEIVERS[alert["labels"]["severity"]]


@pytest.mark.parametrize("labels", [{}, *({"severity": text} for text in ("info", "", "Critical"))])
def test_an_unknown_severity_goes_to_slack(labels: dict[str, str]) -> None:
    assert receiver_of({"alertname": "Unknown", **labels}) == "slack"


def test_firing_and_resolved_are_one_pagerduty_incident_of_each_alert(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    labels = labels_of("JobMissing", job="worker")
    alertmanager.fire(labels, description="No worker is up.")
    alertmanager.fire(labels_of("LedgerImbalance"))
    page = receiver.wait_for("JobMissing", "firing", SOON)
    assert receiver.wait_for("LedgerImbalance", "firing", SOON).key != page.key
    assert page.channel == "pagerduty"
    assert page.body["routing_key"] == ROUTING_KEY
    assert page.body["event_action"] == "trigger"
    details = page.body["payload"].pop("custom_details")
    assert details["description"] == "No worker is up. "
    assert details["runbook"] == RULES["JobMissing"]["annotations"]["runbook_url"]
    assert details.keys() <= {"description", "runbook"} | ADDED_BY_ALERTMANAGER
    assert page.body["payload"] == {
        "summary": "JobMissing: All processes of a job are down",
        "source": "DeltaCrown",
        "severity": "critical",
        "class": "JobMissing",
        "component": "worker",
    }
    assert page.links == (RULES["JobMissing"]["annotations"]["dashboard_url"],)

    alertmanager.resolve(labels)
    over = receiver.wait_for("JobMissing", "resolved", SOON)
    assert (over.body["event_action"], over.key) == ("resolve", page.key)
    assert len(receiver.received("JobMissing")) == 2
    assert receiver.rejected == []


def test_firing_and_resolved_warnings_go_to_slack(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    labels = labels_of("CeleryBacklog", queue="celery")
    alertmanager.fire(labels, description="120 tasks are waiting in celery.")
    warning = receiver.wait_for("CeleryBacklog", "firing", SOON)
    assert warning.channel == "slack"
    assert warning.summary == "Celery queue has a backlog"
    runbook = RULES["CeleryBacklog"]["annotations"]["runbook_url"]
    assert warning.text == f"• 120 tasks are waiting in celery.\nRunbook: {runbook}"
    assert warning.body["attachments"][0]["color"] == "warning"
    assert warning.links == (RULES["CeleryBacklog"]["annotations"]["dashboard_url"],)

    alertmanager.resolve(labels, description="120 tasks are waiting in celery.")
    over = receiver.wait_for("CeleryBacklog", "resolved", SOON)
    assert over.text.startswith("• Resolved: 120 tasks are waiting in celery.\n")
    assert over.body["attachments"][0]["color"] == "good"
    assert [sent.status for sent in receiver.received("CeleryBacklog")] == ["firing", "resolved"]


def test_two_instances_share_one_message_that_marks_the_resolved_one(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    first, second = (labels_of("TargetDown", job="web", instance=name) for name in "ab")
    alertmanager.fire(first, description="web at a.")
    alertmanager.fire(second, description="web at b.")
    message = receiver.wait_for("TargetDown", "firing", SOON)
    assert message.text.startswith("• web at a.\n• web at b.\n")
    assert len(receiver.received("TargetDown")) == 1

    alertmanager.resolve(first, description="web at a.")
    wait_for_count(receiver, "TargetDown", 2)
    assert receiver.received("TargetDown")[1].status == "firing"
    assert set(receiver.received("TargetDown")[1].text.splitlines()[:2]) == {
        "• Resolved: web at a.",
        "• web at b.",
    }


def test_each_job_has_its_own_message(alertmanager: Alertmanager, receiver: Receiver) -> None:
    for job in ("web", "node"):
        alertmanager.fire(labels_of("TargetDown", job=job, instance="a"))
    wait_for_count(receiver, "TargetDown", 2)
    assert len({sent.text for sent in receiver.received("TargetDown")}) == 1


@pytest.mark.parametrize(
    "text",
    [
        'Beat\'s heartbeat: "never"',
        r"C:\path\n {{ .CommonLabels.alertname }} 100% `code`",
        "a < b && b > c; <script>alert(1)</script>",
        "zwei\nZeilen, Größe 3 µs – 🏆",
    ],
)
def test_annotations_arrive_unchanged(
    alertmanager: Alertmanager, receiver: Receiver, text: str
) -> None:
    alertmanager.fire(labels_of("TargetDown"), summary=text, description=text)
    alertmanager.fire(labels_of("LedgerImbalance"), summary=text, description=text)
    warning = receiver.wait_for("TargetDown", "firing", SOON)
    assert warning.summary == text
    assert warning.text.startswith(f"• {text}\n")
    page = receiver.wait_for("LedgerImbalance", "firing", SOON)
    assert page.summary == f"LedgerImbalance: {text}"
    assert page.body["payload"]["custom_details"]["description"] == f"{text} "


def test_the_dead_mans_switch_is_notified_every_interval_and_never_of_a_resolution(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    labels = labels_of("Watchdog")
    alertmanager.fire(labels)
    receiver.wait_for("Watchdog", "firing", SOON)
    wait_for_count(receiver, "Watchdog", 4)
    alertmanager.resolve(labels)
    assert {sent.channel for sent in receiver.received("Watchdog")} == {"watchdog"}
    count = len(receiver.received("Watchdog"))
    time.sleep(3 * INTERVAL)
    assert receiver.received("Watchdog", "resolved") == []
    assert len(receiver.received("Watchdog")) <= count + 1


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
def test_a_failed_delivery_is_retried_until_it_succeeds(
    alertmanager: Alertmanager,
    receiver: Receiver,
    name: str,
    channel: Any,
    statuses: tuple[int, ...],
) -> None:
    receiver.fail_next(channel, *statuses)
    alertmanager.fire(labels_of(name))
    receiver.wait_for(name, "firing", SOON)
    assert receiver.pending_failures(channel) == 0
    assert len(receiver.received(name)) == 1


@pytest.mark.parametrize(
    ("name", "channel"), [("LedgerImbalance", "pagerduty"), ("CeleryBacklog", "slack")]
)
def test_a_rejected_notification_is_counted_in_the_metric_of_its_alert(
    alertmanager: Alertmanager, receiver: Receiver, name: str, channel: Any
) -> None:
    queried = selectors(RULES["NotificationsFail"]["expr"])
    assert [selector.metric for selector in queried] == [FAILED]
    assert alertmanager.failed(channel) == 0
    receiver.fail_next(channel, 400)
    alertmanager.fire(labels_of(name))
    receiver.wait_for(name, "firing", SOON)
    assert alertmanager.failed(channel) == 1


def test_secrets_are_read_from_files_and_never_shown(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    alertmanager.fire(labels_of("LedgerImbalance"), labels_of("TargetDown"), labels_of("Watchdog"))
    for name in ("LedgerImbalance", "TargetDown", "Watchdog"):
        receiver.wait_for(name, "firing", SOON)
    shown = alertmanager.status() + alertmanager.metrics() + alertmanager.log()
    assert "routing_key_file" in shown
    for secret in (ROUTING_KEY, receiver.channel_url("slack"), "T0/B0", "a-token"):
        assert secret not in shown


def test_the_committed_configuration_contains_no_secret() -> None:
    names = set(re.findall(r"^\s*-?\s*\{?(\w+):", COMMITTED.read_text(), re.MULTILINE))
    assert not names & {"routing_key", "service_key", "api_url", "credentials", "password"}
    text = json.dumps(yaml.safe_load(COMMITTED.read_text()))
    for name in ("routing_key_file", "api_url_file", "credentials_file"):
        assert re.search(rf'"{name}": "/run/secrets/\w+"', text)
