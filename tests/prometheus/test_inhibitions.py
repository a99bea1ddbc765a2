"""Inhibition rules, checked against a real Alertmanager."""

import re
from typing import Any

import pytest
import yaml

from drills.alertmanager import COMMITTED
from drills.receiver import Receiver
from tests.prometheus.alertmanager import INTERVAL, RULES, SOON, Alertmanager, labels_of

pytestmark = pytest.mark.stack

NEVER_INHIBITED = {
    "AuditChainBroken",
    "CertificateExpires",
    "DiskSpaceLow",
    "JobMissing",
    "LedgerImbalance",
    "NotificationsFail",
    "Watchdog",
}
INHIBITIONS = yaml.safe_load(COMMITTED.read_text())["inhibit_rules"]
FULL_DISK = labels_of("DiskSpaceLow", instance="a", mountpoint="/")
MATCHER = re.compile(r'(\w+)=(~?)"(.*)"')


def matches(matchers: list[str], labels: dict[str, str]) -> bool:
    return all(
        re.fullmatch(value if is_regex else re.escape(value), labels.get(name, ""))
        for name, is_regex, value in parsed(matchers)
    )


def source_of(inhibition: dict[str, Any]) -> dict[str, str]:
    labels = {name: value for name, _, value in parsed(inhibition["source_matchers"])}
    return labels_of(labels["alertname"], **equal_labels(inhibition) | labels)


def targets_of(inhibition: dict[str, Any]) -> list[dict[str, str]]:
    """Every alert that matches, with the same `equal` labels as the source."""
    every = [labels_of(name, **equal_labels(inhibition)) for name in RULES]
    return [labels for labels in every if matches(inhibition["target_matchers"], labels)]


def parsed(matchers: list[str]) -> list[tuple[str, str, str]]:
    """The label, `~` or an empty string, and the value of each."""
    return [parts for matcher in matchers for parts in MATCHER.findall(matcher)]


def equal_labels(inhibition: dict[str, Any]) -> dict[str, str]:
    return {label: f"the {label}" for label in inhibition.get("equal", [])}


@pytest.mark.parametrize(
    "inhibition", INHIBITIONS, ids=lambda rule: " ".join(rule["source_matchers"])
)
def test_a_source_inhibits_its_targets_while_it_fires(
    shared_alertmanager: Alertmanager, inhibition: dict[str, Any]
) -> None:
    source, targets = source_of(inhibition), targets_of(inhibition)
    assert targets
    assert inhibited(shared_alertmanager, targets) == []
    shared_alertmanager.fire(source)
    assert inhibited(shared_alertmanager, targets) == targets
    assert not shared_alertmanager.inhibited(source)
    shared_alertmanager.resolve(source)
    assert inhibited(shared_alertmanager, targets) == []


@pytest.mark.parametrize(
    ("source", "unrelated"),
    [
        (
            labels_of("JourneyBurnsFast", journey="register"),
            labels_of("JourneyBurnsSlowly", journey="pay"),
        ),
        (FULL_DISK, labels_of("DiskFilling", instance="a", mountpoint="/data")),
        (FULL_DISK, labels_of("DiskFilling", instance="b", mountpoint="/")),
        (labels_of("JobMissing", job="web"), labels_of("TargetDown", job="node")),
        (labels_of("JobMissing", job="web"), labels_of("CeleryStalled", queue="celery")),
        (labels_of("JobMissing", job="web"), labels_of("PaymentFailures")),
        (labels_of("JobMissing", job="worker"), labels_of("HighErrorRate")),
        (labels_of("JobMissing", job="worker"), labels_of("DatabaseDown", instance="a")),
        (labels_of("CeleryStalled", queue="celery"), labels_of("CeleryTasksFailing")),
        (labels_of("DatabasePoolExhausted", instance="a"), labels_of("HighErrorRate")),
        (labels_of("HighErrorRate"), labels_of("WebOverloaded", instance="a")),
    ],
    ids=lambda labels: "-".join(labels.values()),
)
def test_a_source_does_not_inhibit_unrelated_alerts(
    shared_alertmanager: Alertmanager, source: dict[str, str], unrelated: dict[str, str]
) -> None:
    shared_alertmanager.fire(source)
    assert inhibited(shared_alertmanager, [unrelated]) == []
    shared_alertmanager.resolve(source)


def test_ledger_audit_disk_and_monitoring_alerts_are_never_inhibited(
    shared_alertmanager: Alertmanager,
) -> None:
    sources = list(map(source_of, INHIBITIONS))
    shared_alertmanager.fire(*sources)
    assert inhibited(shared_alertmanager, [labels_of(name) for name in NEVER_INHIBITED]) == []
    shared_alertmanager.resolve(*sources)


def inhibited(alertmanager: Alertmanager, alerts: list[dict[str, str]]) -> list[dict[str, str]]:
    """The inhibited ones. Each fires alone, because some inhibit others in the list."""
    matching = []
    for labels in alerts:
        alertmanager.fire(labels)
        matching += [labels] if alertmanager.inhibited(labels) else []
        alertmanager.resolve(labels)
    return matching


def test_an_inhibited_alert_is_sent_after_its_source_resolves(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    cause, effect = labels_of("CeleryStalled", queue="celery"), labels_of("CeleryBeatSilent")
    alertmanager.fire(cause)
    receiver.wait_for("CeleryStalled", "firing", SOON)
    alertmanager.fire(effect)
    assert receiver.stays_silent_about("CeleryBeatSilent", 2 * INTERVAL)
    alertmanager.resolve(cause)
    assert receiver.wait_for("CeleryBeatSilent", "firing", SOON).channel == "slack"
