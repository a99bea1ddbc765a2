"""One drill: the fault, the alert, the notification, the recovery."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from drills.site import Site
from drills.watch import Watch

Tell = Callable[[str], None]
Fault = Callable[[Any], AbstractContextManager[None]]  # of the site

PROMISE = 60  # seconds from the end of `for` to the notification
GROUP_INTERVAL = 60  # Alertmanager tells the end of an alert this much later at most
SETTLES = 480


@dataclass(frozen=True)
class Drill:
    """`lag` and `remembers` are seconds that pass because of how the rule looks: before it can see
    the fault, and after that is over. `forget` is what it would remember for longer than anybody
    waits: the drill then has Prometheus delete these samples, as time would."""

    name: str
    fault: Fault
    alerts: tuple[str, ...]
    metric: str
    what: str
    lag: int = 0
    remembers: int = 0
    forget: str = field(default="")


@dataclass
class Course:
    """How an alert went: seconds since the fault was begun, and since it was undone."""

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
class Held:
    """`hold` causes the fault and undoes it once it was told, `recover` waits for the end."""

    drill: Drill
    site: Site
    watch: Watch
    tell: Tell
    courses: list[Course] = field(default_factory=list)

    def hold(self) -> None:
        for alert in self.drill.alerts:
            if not self.watch.until(partial(self.watch.settled, alert), SETTLES):
                raise RuntimeError(f"{alert} is on before the drill begins")
        self.courses = [self._course(alert) for alert in self.drill.alerts]
        self._since = len(self.site.receiver.notifications)
        self._began = time.monotonic()
        self._say(f"before    {self._metric()}")
        try:
            with self.drill.fault(self.site):
                self._say(f"fault     {self.drill.what}")
                self._wait_for_pages()
        finally:
            self._undone = time.monotonic()
            self._say("undone")

    def recover(self) -> None:
        if self.drill.forget:
            self.watch.forget(self.drill.forget)
            self._say(f"forgotten {self.drill.forget}")
            for course in self.courses:
                course.note = "the rule's hour was deleted, not waited for"
        latest = self.drill.remembers + GROUP_INTERVAL + PROMISE
        self.watch.until(self._all_resolved, latest)
        self._say(f"after     {self._metric()}")

    def _course(self, alert: str) -> Course:
        waits = self.watch.rule(alert).waits
        return Course(self.drill.name, alert, self.drill.lag + waits + PROMISE)

    def _wait_for_pages(self) -> None:
        latest = max(course.limit for course in self.courses) + PROMISE / 2
        self.watch.until(self._all_notified, latest)
        self._say(f"metric    {self._metric()}")

    def _all_notified(self) -> bool:
        for course in self.courses:
            self._look_for_page(course)
        return all(course.notified for course in self.courses)

    def _look_for_page(self, course: Course) -> None:
        since = time.monotonic() - self._began
        if course.fired is None and self.watch.rule(course.alert).state == "firing":
            course.fired = since
            self._say(f"firing    {course.alert}")
        page = self.watch.told(course.alert, "firing", self._since)
        if course.notified is None and page:
            course.notified, course.channel = since, page.channel
            self._say(f"notified  {page.channel}: {page.summary}")

    def _all_resolved(self) -> bool:
        for course in self.courses:
            told = self.watch.told(course.alert, "resolved", self._since)
            if course.resolved is None and told:
                course.resolved = time.monotonic() - self._undone
                self._say(f"resolved  {told.channel}: {told.summary}")
        return all(course.resolved for course in self.courses if course.notified)

    def _metric(self) -> str:
        return f"{self.drill.metric} = {self.watch.value(self.drill.metric):g}"

    def _say(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        self.tell(f"{seconds:6.1f} s  {self.drill.name:<17}  {text}")
