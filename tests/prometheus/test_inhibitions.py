"""What mutes what, asked of a real Alertmanager."""

import re
from typing import Any

import pytest
import yaml

from drills.alertmanager import COMMITTED
from drills.receiver import Receiver
from tests.prometheus.alertmanager import (
    INTERVAL,
    RULES,
    SOON,
    Alertmanager,
    labels_of,
)

pytestmark = pytest.mark.stack

NEVER_MUTED = {
    "AuditChainBroken",
    "CertificateExpires",
    "DiskSpaceLow",
    "JobMissing",
    "LedgerImbalance",
    "NotificationsFail",
    "Watchdog",
}
INHIBITIONS = yaml.safe_load(COMMITTED.read_text())["inhibit_rules"]
MATCHER = re.compile(r'(\w+)=(~?)"(.*)"')


def matches(matchers: list[str], labels: dict[str, str]) -> bool:
    for matcher in matchers:
        [(name, regex, value)] = MATCHER.findall(matcher)
        found = labels.get(name, "")
        if not (re.fullmatch(value, found) if regex else found == value):
            return False
    return True


def source_of(inhibition: dict[str, Any]) -> dict[str, str]:
    wanted = {name: value for name, _, value in map_matchers(inhibition["source_matchers"])}
    return labels_of(wanted["alertname"], **same(inhibition) | wanted)


def targets_of(inhibition: dict[str, Any]) -> list[dict[str, str]]:
    """Every alert of the rules that it is about, from the same place as its source."""
    every = [labels_of(name, **same(inhibition)) for name in RULES]
    return [labels for labels in every if matches(inhibition["target_matchers"], labels)]


def map_matchers(matchers: list[str]) -> list[tuple[str, str, str]]:
    return [found for matcher in matchers for found in MATCHER.findall(matcher)]


def same(inhibition: dict[str, Any]) -> dict[str, str]:
    return {label: f"the {label}" for label in inhibition.get("equal", [])}


@pytest.mark.parametrize(
    "inhibition", INHIBITIONS, ids=lambda one: " ".join(one["source_matchers"])
)
def test_a_cause_mutes_what_follows_from_it_while_it_lasts(
    alertmanager: Alertmanager, inhibition: dict[str, Any]
) -> None:
    source, targets = source_of(inhibition), targets_of(inhibition)
    assert targets
    assert muted(alertmanager, targets) == []
    alertmanager.fire(source)
    assert muted(alertmanager, targets) == targets
    assert not alertmanager.muted(source)
    alertmanager.resolve(source)
    assert muted(alertmanager, targets) == []


@pytest.mark.parametrize(
    ("cause", "elsewhere"),
    [
        (
            labels_of("JourneyBurnsFast", journey="register"),
            labels_of("JourneyBurnsSlowly", journey="pay"),
        ),
        (
            labels_of("DiskSpaceLow", instance="a", mountpoint="/"),
            labels_of("DiskFilling", instance="a", mountpoint="/data"),
        ),
        (
            labels_of("DiskSpaceLow", instance="a", mountpoint="/"),
            labels_of("DiskFilling", instance="b", mountpoint="/"),
        ),
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
def test_a_cause_mutes_nothing_that_does_not_follow_from_it(
    alertmanager: Alertmanager, cause: dict[str, str], elsewhere: dict[str, str]
) -> None:
    alertmanager.fire(cause)
    assert muted(alertmanager, [elsewhere]) == []


def test_money_the_record_disks_and_the_monitoring_are_never_muted(
    alertmanager: Alertmanager,
) -> None:
    alertmanager.fire(*map(source_of, INHIBITIONS))
    assert muted(alertmanager, [labels_of(name) for name in NEVER_MUTED]) == []


def muted(alertmanager: Alertmanager, asked: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of these, each by itself, as some are causes of others among them."""
    found = []
    for labels in asked:
        alertmanager.fire(labels)
        found += [labels] if alertmanager.muted(labels) else []
        alertmanager.resolve(labels)
    return found


def test_what_was_muted_is_told_once_its_cause_is_over(
    alertmanager: Alertmanager, told: Receiver
) -> None:
    cause, effect = labels_of("CeleryStalled", queue="celery"), labels_of("CeleryBeatSilent")
    alertmanager.fire(cause)
    told.wait_for("CeleryStalled", "firing", SOON)
    alertmanager.fire(effect)
    assert told.stays_silent_about("CeleryBeatSilent", 2 * INTERVAL)
    alertmanager.resolve(cause)
    assert told.wait_for("CeleryBeatSilent", "firing", SOON).channel == "slack"
