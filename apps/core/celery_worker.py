"""A prefork worker's metrics: written by each child into files, gathered and served by the parent.

`bin/worker` makes PROMETHEUS_MULTIPROC_DIR, empty, before Python starts: prometheus_client looks at
it when it is imported. A series in these files cannot be removed, so a worker has no series of
single tournaments (see `conf`), and they keep no exemplars.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from celery import signals
from django.conf import settings
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    start_http_server,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from apps.core.exposition import Page
from apps.core.process_metrics import BrokerQueues, Build

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_server: Any = None


class Children(Collector):
    """The parent's children: how many there are and should be. Forgets the gauges of the dead."""

    def __init__(self, pool: Any, wanted: int) -> None:
        self._pool = pool
        self._wanted = wanted

    def collect(self) -> Iterator[Metric]:
        alive = set(self._pool.info["processes"])
        for pid in _with_gauges() - alive - {os.getpid()}:
            mark_process_dead(pid)
        yield GaugeMetricFamily(
            "celery_worker_processes", "Children of this worker.", value=len(alive)
        )
        yield GaugeMetricFamily(
            "celery_worker_processes_limit", "Children that there should be.", value=self._wanted
        )


def _with_gauges() -> set[int]:
    """The processes whose gauges count only while they live: `gauge_livesum_PID.db`."""
    files = Path(os.environ[FOLDER]).glob("gauge_live*_*.db")
    return {int(file.stem.rsplit("_", 1)[1]) for file in files}


@signals.worker_ready.connect
def serve_metrics(sender: Any, **_: Any) -> None:
    global _server  # noqa: PLW0603 one per process is the point
    if not settings.ENABLE_PROMETHEUS:
        return
    page = Page(
        Children(sender.pool, sender.controller.concurrency),  # first: it clears up
        MultiProcessCollector(None),
        PROCESS_COLLECTOR,
        PLATFORM_COLLECTOR,
        GC_COLLECTOR,
        Build(),
        BrokerQueues(),
    )
    _server = start_http_server(settings.WORKER_METRICS_PORT, registry=page)[0]


@signals.worker_process_init.connect
def leave_the_port_to_the_parent(**_: Any) -> None:
    """A child that takes a dead one's place inherits the parent's listening socket, and would keep
    the port when the parent is killed."""
    if _server is not None:
        _server.socket.close()
