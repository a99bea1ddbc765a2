"""The open sockets of this process, counted where they begin and end."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.core.metrics import tournaments
from apps.core.tournament_series import OTHER

logger = logging.getLogger(__name__)

CALM_AGAIN = 0.9


class OpenSockets(Collector):
    """`ws_connections_active`, told from the sockets themselves at scrape time.

    Nothing is balanced by hand: whatever ends a socket leaves the block, and a tournament whose
    series were taken away has its last sockets counted under "other".
    """

    def __init__(self) -> None:
        self._open: Counter[int] = Counter()
        self._crowded: set[int] = set()

    @contextmanager
    def counted(self, tournament_id: int) -> Iterator[None]:
        self._open[tournament_id] += 1
        self._warn_of_crowd(tournament_id)
        try:
            yield
        finally:
            self._open[tournament_id] -= 1
            self._forget_crowd(tournament_id)
            if not self._open[tournament_id]:
                del self._open[tournament_id]

    def _warn_of_crowd(self, tournament_id: int) -> None:
        """Once, and again only after it had become calm: not for each that comes and goes."""
        count = self._open[tournament_id]
        if count > settings.WS_WARN_CONNECTIONS and tournament_id not in self._crowded:
            self._crowded.add(tournament_id)
            logger.warning(
                "High WebSocket connection count",
                extra={"tournament_id": tournament_id, "connection_count": count},
            )

    def _forget_crowd(self, tournament_id: int) -> None:
        if self._open[tournament_id] <= settings.WS_WARN_CONNECTIONS * CALM_AGAIN:
            self._crowded.discard(tournament_id)

    def collect(self) -> Iterator[Metric]:
        tally = Counter({str(known): 0 for known in tournaments.known()} | {OTHER: 0})
        for tournament_id, count in tuple(self._open.items()):
            tally[tournaments.label(tournament_id)] += count
        family = GaugeMetricFamily(
            "ws_connections_active", "WebSocket connections open now.", labels=["tournament_id"]
        )
        for label, count in tally.items():
            family.add_metric([label], count)
        yield family


open_sockets = OpenSockets()
REGISTRY.register(open_sockets)
