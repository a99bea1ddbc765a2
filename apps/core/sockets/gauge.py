"""The open sockets of this process, counted where they begin and end."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.core.metrics import tournaments
from apps.core.tournament_series import OTHER


class OpenSockets(Collector):
    """`ws_connections_active`, told from the sockets themselves at scrape time.

    Nothing is balanced by hand: whatever ends a socket leaves the block, and a tournament whose
    series were taken away has its last sockets counted under "other".
    """

    def __init__(self) -> None:
        self._open: Counter[int] = Counter()

    @contextmanager
    def counted(self, tournament_id: int) -> Iterator[None]:
        self._open[tournament_id] += 1
        try:
            yield
        finally:
            self._open[tournament_id] -= 1
            if not self._open[tournament_id]:
                del self._open[tournament_id]

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
