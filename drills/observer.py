"""Reads the state of an alert from Prometheus and from the receiver, and waits for changes."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal

import httpx

from drills.payloads import Notification, Status
from drills.site import Site
from stack.prometheus import instant_query

State = Literal["inactive", "pending", "firing"]
STATES: tuple[State, ...] = ("inactive", "pending", "firing")
POLL_SECONDS = 0.5


class Canceled(Exception):
    """The user pressed Ctrl-C: every drill undoes its fault and ends."""


@dataclass(frozen=True)
class Rule:
    alert: str
    state: State
    for_seconds: float
    severity: str


class Observer:
    def __init__(self, site: Site) -> None:
        self.receiver = site.receiver
        self.canceled = Event()
        self._http = httpx.Client(base_url=site.prometheus, timeout=10)

    def rules(self) -> list[Rule]:
        groups = self._get("/api/v1/rules", type="alert")["groups"]
        return [_rule(rule) for group in groups for rule in group["rules"]]

    def rule(self, alert: str) -> Rule:
        """Of the rules with this name, the one closest to firing. Raises LookupError."""
        rules = [rule for rule in self.rules() if rule.alert == alert]
        if not rules:
            raise LookupError(f"Prometheus has no rule for {alert}")
        return max(rules, key=lambda rule: STATES.index(rule.state))

    def value(self, expression: str) -> float:
        """The value of the first series; NaN if there is none."""
        series = instant_query(str(self._http.base_url).rstrip("/"), expression)
        return float(series[0]["value"][1]) if series else math.nan

    def delete_samples(self, selector: str) -> None:
        """Deletes the samples so far, as if they had left the window of the rule."""
        path = "/api/v1/admin/tsdb/delete_series"
        self._http.post(path, params={"match[]": selector}).raise_for_status()

    def notification(self, alert: str, status: Status, skip: int) -> Notification | None:
        """The first such notification after the first `skip` notifications of the receiver."""
        for notification in self.receiver.notifications[skip:]:
            if (notification.alert, notification.status) == (alert, status):
                return notification
        return None

    def is_settled(self, alert: str) -> bool:
        """The alert is inactive, and every notification about it was resolved."""
        notifications = self.receiver.received(alert)
        resolved = not notifications or notifications[-1].status == "resolved"
        return resolved and self.rule(alert).state == "inactive"

    def targets_are_up(self) -> bool:
        targets = self._get("/api/v1/targets")["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)

    def no_page_fires(self) -> bool:
        """No critical alert fires, so none inhibits another."""
        pages = [rule for rule in self.rules() if rule.severity == "critical"]
        return all(rule.state != "firing" for rule in pages)

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether the condition became true in time. Raises Canceled."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            if self.canceled.wait(POLL_SECONDS):
                raise Canceled
        return True

    def _get(self, path: str, **query: str) -> Any:
        return self._http.get(path, params=query).raise_for_status().json()["data"]


def _rule(rule: dict[str, Any]) -> Rule:
    severity = rule["labels"].get("severity", "")
    return Rule(rule["name"], rule["state"], float(rule["duration"]), severity)
