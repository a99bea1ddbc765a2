"""One drill: the fault, the alert, the notification, the recovery."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from drills.observer import Observer
from drills.site import Site

Log = Callable[[str], None]
Fault = Callable[[Any], AbstractContextManager[None]]  # takes the site

NOTIFY_WITHIN = 60  # seconds from the end of `for` to the notification
GROUP_INTERVAL = 60  # Alertmanager delays a resolved notification by at most this
SETTLE_TIMEOUT = 480


@dataclass(frozen=True)
class Drill:
    """A fault with the alerts that it must raise.

    `lag`: seconds until the rule can see the fault. `lookback`: seconds that the rule still sees it
    after the fault is undone. `delete_samples`: selector of the samples to delete in Prometheus,
    where the lookback is too long to wait for.
    """

    name: str
    fault: Fault
    alerts: tuple[str, ...]
    metric: str
    description: str
    lag: int = 0
    lookback: int = 0
    delete_samples: str = ""


@dataclass
class AlertTimeline:
    """Seconds from the fault to `fired` and `notified`, and from its undoing to `resolved`."""

    drill: str
    alert: str
    limit: float
    fired: float | None = None
    notified: float | None = None
    channel: str = ""
    resolved: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.notified is None:
            return "not notified"
        if self.notified > self.limit:
            return "late"
        return "passed" if self.resolved is not None else "not resolved"

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "verdict": self.verdict}


@dataclass
class DrillRun:
    """Call `cause_fault`, then `wait_for_recovery`. The results are in `timelines`."""

    drill: Drill
    site: Site
    observer: Observer
    log: Log
    timelines: list[AlertTimeline] = field(default_factory=list)

    def cause_fault(self) -> None:
        """Causes the fault, waits for the notifications, and undoes the fault.

        Raises RuntimeError if an alert of the drill is already active.
        """
        for alert in self.drill.alerts:
            if not self.observer.wait_until(
                partial(self.observer.is_settled, alert), SETTLE_TIMEOUT
            ):
                raise RuntimeError(f"{alert} is active before the drill starts")
        self.timelines = [self._timeline(alert) for alert in self.drill.alerts]
        self._skip = len(self.site.receiver.notifications)
        self._started = time.monotonic()
        self._log(f"before    {self._metric()}")
        try:
            with self.drill.fault(self.site):
                self._log(f"fault     {self.drill.description}")
                self._wait_for_notifications()
        finally:
            self._undone = time.monotonic()
            self._log("undone")

    def wait_for_recovery(self) -> None:
        if self.drill.delete_samples:
            self.observer.delete_samples(self.drill.delete_samples)
            self._log(f"deleted   {self.drill.delete_samples}")
            for timeline in self.timelines:
                timeline.note = (
                    "samples deleted instead of waiting for the rule's window of an hour"
                )
        timeout = self.drill.lookback + GROUP_INTERVAL + NOTIFY_WITHIN
        self.observer.wait_until(self._all_resolved, timeout)
        self._log(f"after     {self._metric()}")

    def _timeline(self, alert: str) -> AlertTimeline:
        for_seconds = self.observer.rule(alert).for_seconds
        return AlertTimeline(self.drill.name, alert, self.drill.lag + for_seconds + NOTIFY_WITHIN)

    def _wait_for_notifications(self) -> None:
        timeout = max(timeline.limit for timeline in self.timelines) + NOTIFY_WITHIN / 2
        self.observer.wait_until(self._all_notified, timeout)
        self._log(f"metric    {self._metric()}")

    def _all_notified(self) -> bool:
        for timeline in self.timelines:
            self._update(timeline)
        return all(timeline.notified for timeline in self.timelines)

    def _update(self, timeline: AlertTimeline) -> None:
        elapsed = time.monotonic() - self._started
        if timeline.fired is None and self.observer.rule(timeline.alert).state == "firing":
            timeline.fired = elapsed
            self._log(f"firing    {timeline.alert}")
        page = self.observer.notification(timeline.alert, "firing", self._skip)
        if timeline.notified is None and page:
            timeline.notified, timeline.channel = elapsed, page.channel
            self._log(f"notified  {page.channel}: {page.summary}")

    def _all_resolved(self) -> bool:
        for timeline in self.timelines:
            notification = self.observer.notification(timeline.alert, "resolved", self._skip)
            if timeline.resolved is None and notification:
                timeline.resolved = time.monotonic() - self._undone
                self._log(f"resolved  {notification.channel}: {notification.summary}")
        return all(timeline.resolved for timeline in self.timelines if timeline.notified)

    def _metric(self) -> str:
        return f"{self.drill.metric} = {self.observer.value(self.drill.metric):g}"

    def _log(self, text: str) -> None:
        seconds = time.monotonic() - self._started
        self.log(f"{seconds:6.1f} s  {self.drill.name:<17}  {text}")
