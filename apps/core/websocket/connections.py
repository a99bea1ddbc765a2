"""The open WebSockets of this process, as a gauge that is correct after any exit."""

import logging
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import REGISTRY, Counter
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.core.conf import conf

logger = logging.getLogger(__name__)

OTHER = "other"
REARM_RATIO = 0.9


class Bound(Protocol):
    """The label values that have a series of their own. `BoundedLabel` is one."""

    def known(self) -> list[int]: ...
    def label(self, value: int | None) -> str: ...
    def inc_known(self, counter: Counter, value: int | None, **extra: str) -> None: ...


class OpenConnections(Collector):
    """`ws_connections_active`, computed from the open sockets at scrape time.

    Each socket is counted inside a `with` block, so every way to end a socket decrements. Without
    a `bound`, all sockets are counted as "other".
    """

    bound: Bound | None = None

    def __init__(self) -> None:
        self._open: Tally[int | None] = Tally()
        self._warned: set[int | None] = set()

    @contextmanager
    def counted(self, value: int | None = None) -> Iterator[None]:
        """Counts one socket for the length of the block."""
        self._open[value] += 1
        self._warn(value)
        try:
            yield
        finally:
            self._open[value] -= 1
            if self._open[value] <= conf.WS_WARN_CONNECTIONS * REARM_RATIO:
                self._warned.discard(value)
            if not self._open[value]:
                del self._open[value]

    def _warn(self, value: int | None) -> None:
        """Warns once, and again only after the count has dropped."""
        count = self._open[value]
        if count > conf.WS_WARN_CONNECTIONS and value not in self._warned:
            self._warned.add(value)
            logger.warning(
                "High WebSocket connection count",
                extra={conf.WEBSOCKET_LABEL: value, "connection_count": count},
            )

    def collect(self) -> Iterator[Metric]:
        tally = Tally({OTHER: 0})
        if self.bound is not None:
            tally.update({str(value): 0 for value in self.bound.known()})
        for value, count in tuple(self._open.items()):
            tally[OTHER if self.bound is None else self.bound.label(value)] += count
        family = GaugeMetricFamily(
            "ws_connections_active",
            "Number of open WebSocket connections.",
            labels=[conf.WEBSOCKET_LABEL],
        )
        for label, count in tally.items():
            family.add_metric([label], count)
        yield family


open_connections = OpenConnections()
REGISTRY.register(open_connections)
