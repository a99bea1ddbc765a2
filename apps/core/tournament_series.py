"""Bounds the `tournament_id` label: only active tournaments have series, and only so many."""

import time
from collections.abc import Callable, Mapping
from threading import Lock

from django.conf import settings
from prometheus_client import Counter

OTHER = "other"
Extra = dict[str, str]


class TournamentSeries:
    """Gives each active tournament its series at 0 and takes them away when it is over.

    A tournament that is over keeps its series for METRICS_RETIRE_SECONDS more, so that Prometheus
    scrapes the last increments before they go. `game_title`, where a counter has it, is a function
    of the tournament and has its own bound.
    """

    def __init__(
        self,
        counters: Mapping[Counter, list[Extra]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counters = counters
        self._clock = clock
        self._lock = Lock()
        self._titles: dict[int, str] = {}
        self._over_at: dict[int, float] = {}
        for counter, extras in counters.items():
            for extra in extras:
                counter.labels(**self._labels(counter, OTHER, OTHER) | extra)

    def track(self, tournament_id: int, game_title: str) -> None:
        """Makes the series at 0, unless the limit is reached."""
        with self._lock:
            self._track(tournament_id, game_title)

    def _track(self, tournament_id: int, game_title: str) -> None:
        self._over_at.pop(tournament_id, None)
        if tournament_id in self._titles or len(self._titles) >= settings.METRICS_MAX_TOURNAMENTS:
            return
        self._titles[tournament_id] = game_title
        for counter, extras in self._counters.items():
            for extra in extras:
                counter.labels(**self._labels(counter, str(tournament_id), game_title) | extra)

    def retire(self, tournament_id: int) -> None:
        """Marks the tournament as over; `sweep` takes its series away in time."""
        with self._lock:
            if tournament_id in self._titles:
                deadline = self._clock() + settings.METRICS_RETIRE_SECONDS
                self._over_at.setdefault(tournament_id, deadline)

    def sync(self, active: Mapping[int, str]) -> None:
        """Tracks what is active (id to game title) and retires what is no longer."""
        for gone in [known for known in self.known() if known not in active]:
            self.retire(gone)
        for tournament_id, game_title in active.items():
            self.track(tournament_id, game_title)

    def sweep(self) -> None:
        """Removes the series of tournaments that have been over for long enough."""
        with self._lock:
            now = self._clock()
            for tournament_id in [key for key, at in self._over_at.items() if at <= now]:
                del self._over_at[tournament_id]
                del self._titles[tournament_id]
                for counter in self._counters:
                    counter.remove_by_labels({"tournament_id": str(tournament_id)})

    def known(self) -> list[int]:
        with self._lock:
            return list(self._titles)

    def label(self, tournament_id: int) -> str:
        """The tournament's own label value while it is tracked, else "other"."""
        return str(tournament_id) if tournament_id in self._titles else OTHER

    def inc(self, counter: Counter, tournament_id: int, game_title: str, **extra: str) -> None:
        """Counts one for an active tournament, which is tracked from now on if it was not."""
        with self._lock:
            self._track(tournament_id, game_title)
            counter.labels(
                **self._labels(counter, self.label(tournament_id), game_title) | extra
            ).inc()

    def inc_known(self, counter: Counter, tournament_id: int, **extra: str) -> None:
        """Counts one for any tournament: "other" where it is not tracked."""
        with self._lock:
            counter.labels(tournament_id=self.label(tournament_id), **extra).inc()

    @staticmethod
    def _labels(counter: Counter, tournament: str, title: str) -> dict[str, str]:
        given = {"tournament_id": tournament, "game_title": title}
        return {name: value for name, value in given.items() if name in counter._labelnames}
