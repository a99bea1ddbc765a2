"""What Prometheus and the receiver say, and waiting for it."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal

import httpx

from drills.site import Site
from drills.wire import Notification, Status

State = Literal["inactive", "pending", "firing"]
STATES: tuple[State, ...] = ("inactive", "pending", "firing")
EVERY = 0.5


class Cancelled(Exception):
    """Somebody pressed Ctrl-C: every drill is to undo its fault and end."""


@dataclass(frozen=True)
class Rule:
    alert: str
    state: State
    waits: float  # its `for`
    severity: str


class Watch:
    def __init__(self, site: Site) -> None:
        self.receiver = site.receiver
        self.cancelled = Event()
        self._http = httpx.Client(base_url=site.prometheus, timeout=10)

    def rules(self) -> list[Rule]:
        groups = self._ask("/api/v1/rules", type="alert")["groups"]
        return [_rule(rule) for group in groups for rule in group["rules"]]

    def rule(self, alert: str) -> Rule:
        """Of several with that name, the one that is nearest to firing."""
        return _worst([rule for rule in self.rules() if rule.alert == alert], alert)

    def value(self, expression: str) -> float:
        """NaN where there is none."""
        found = self._ask("/api/v1/query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else math.nan

    def forget(self, selector: str) -> None:
        """Has the samples so far deleted, as time would."""
        path = "/api/v1/admin/tsdb/delete_series"
        self._http.post(path, params={"match[]": selector}).raise_for_status()

    def told(self, alert: str, status: Status, since: int) -> Notification | None:
        """The first such notification after so many had come."""
        for one in self.receiver.notifications[since:]:
            if (one.alert, one.status) == (alert, status):
                return one
        return None

    def settled(self, alert: str) -> bool:
        """Nothing of it is firing, or about to, or was told and not taken back."""
        told = self.receiver.of(alert)
        taken_back = not told or told[-1].status == "resolved"
        return taken_back and self.rule(alert).state == "inactive"

    def scraped(self) -> bool:
        """Everything that is to be scraped has been, and answers."""
        targets = self._ask("/api/v1/targets")["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)

    def quiet(self) -> bool:
        """No page is on, so none mutes another."""
        pages = [rule for rule in self.rules() if rule.severity == "critical"]
        return all(rule.state != "firing" for rule in pages)

    def until(self, check: Callable[[], bool], seconds: float) -> bool:
        """Whether it came true in time. Raises Cancelled."""
        deadline = time.monotonic() + seconds
        while not check():
            if time.monotonic() > deadline:
                return False
            if self.cancelled.wait(EVERY):
                raise Cancelled
        return True

    def _ask(self, path: str, **query: str) -> Any:
        answer = self._http.get(path, params=query).raise_for_status().json()
        return answer["data"]


def _rule(rule: dict[str, Any]) -> Rule:
    severity = rule["labels"].get("severity", "")
    return Rule(rule["name"], rule["state"], float(rule["duration"]), severity)


def _worst(rules: Iterable[Rule], alert: str) -> Rule:
    found = sorted(rules, key=lambda rule: STATES.index(rule.state))
    if not found:
        raise LookupError(f"Prometheus has no rule for {alert}")
    return found[-1]
