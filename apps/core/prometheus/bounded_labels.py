"""Bounds a label whose values come from rows: only active rows have series, up to a limit.

    active_rooms = BoundedLabel("room", limit=lambda: 200, retire_seconds=lambda: 60)
    active_rooms.follow(messages_received, {"message_type": "ping"})
    active_rooms.track(17)
    active_rooms.inc(messages_received, 17, message_type="ping")

Every value without a series of its own is counted as "other".
"""

import os
import time
from collections.abc import Callable, Mapping
from threading import RLock

from prometheus_client import Counter

OTHER = "other"
Labels = dict[str, str]

bounded_labels: "list[BoundedLabel]" = []


def sweep_all() -> None:
    """Removes retired series of every bounded label. Runs before each scrape."""
    for bounded in bounded_labels:
        bounded.sweep()


class BoundedLabel:
    """Creates a value's series at 0 when it becomes active, and removes them after it retires.

    Retired values keep their series for `retire_seconds`, so that Prometheus scrapes the last
    increments. `derived` labels are a function of the value, such as a title, with a bound of
    their own.

    Prometheus multiprocess files cannot drop a series, so there the limit is 0.
    """

    def __init__(
        self,
        name: str,
        *,
        limit: Callable[[], int],
        retire_seconds: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._limit = limit
        self._retire_seconds = retire_seconds
        self._clock = clock
        self._lock = RLock()
        self._counters: dict[Counter, tuple[Labels, ...]] = {}
        self._active: dict[int, Labels] = {}
        self._remove_at: dict[int, float] = {}
        bounded_labels.append(self)

    @property
    def limit(self) -> int:
        return 0 if "PROMETHEUS_MULTIPROC_DIR" in os.environ else self._limit()

    def follow(self, counter: Counter, *extras: Labels) -> None:
        """Manages the counter's series: one per item of `extras`, its other labels, or a single
        one without them."""
        self._counters[counter] = extras or ({},)
        for extra in self._counters[counter]:
            counter.labels(**dict.fromkeys(counter._labelnames, OTHER) | extra)

    def track(self, value: int, **derived: str) -> None:
        """Creates the value's series at 0, unless the limit is reached."""
        with self._lock:
            self._remove_at.pop(value, None)
            if value in self._active or len(self._active) >= self.limit:
                return
            self._active[value] = derived
            for counter, extras in self._counters.items():
                for extra in extras:
                    counter.labels(**self._labels(counter, str(value), derived) | extra)

    def retire(self, value: int) -> None:
        """Marks the value as inactive; `sweep` removes its series later."""
        with self._lock:
            if value in self._active:
                self._remove_at.setdefault(value, self._clock() + self._retire_seconds())

    def sync(self, active: Mapping[int, Labels]) -> None:
        """Tracks the active values, with their derived labels, and retires all others."""
        for value in set(self.known()) - active.keys():
            self.retire(value)
        for value, derived in active.items():
            self.track(value, **derived)

    def sweep(self) -> None:
        """Removes the series of values that retired long enough ago."""
        with self._lock:
            now = self._clock()
            for value in [key for key, at in self._remove_at.items() if at <= now]:
                del self._remove_at[value]
                del self._active[value]
                for counter in self._counters:
                    counter.remove_by_labels({self.name: str(value)})

    def known(self) -> list[int]:
        with self._lock:
            return list(self._active)

    def label(self, value: int | None) -> str:
        return str(value) if value in self._active else OTHER

    def inc(self, counter: Counter, value: int, derived: Labels, **extra: str) -> None:
        """Increments the counter, and tracks the value if there is room."""
        with self._lock:
            self.track(value, **derived)
            counter.labels(**self._labels(counter, self.label(value), derived) | extra).inc()

    def inc_known(self, counter: Counter, value: int | None, **extra: str) -> None:
        """Increments the counter; a value that is not tracked counts as "other"."""
        with self._lock:
            counter.labels(**{self.name: self.label(value)} | extra).inc()

    def _labels(self, counter: Counter, label: str, derived: Labels) -> Labels:
        given = {**derived, self.name: label}
        return {name: given[name] for name in counter._labelnames if name in given}
