"""A prefork worker's metrics: written by each child into files, gathered and served by the parent.

`bin/worker` makes PROMETHEUS_MULTIPROC_DIR, empty, before Python starts: prometheus_client looks at
it when it is imported. A series in these files cannot be removed, so a worker has no series of
single tournaments (see `conf`), and they keep no exemplars.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from celery import signals
from celery.exceptions import WorkerShutdown
from django.db import connection
from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    make_wsgi_app,
)
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.core.celery import tasks
from apps.core.conf import conf
from apps.core.database import check_database
from apps.core.exceptions import Misconfigured
from apps.core.logging import setup
from apps.core.metrics import celery_heartbeat, scrapes_refused
from apps.core.prometheus.collectors import BrokerQueues, Build
from apps.core.prometheus.endpoint import Page, authorized
from apps.core.prometheus.multiprocess import ProcessFiles

logger = logging.getLogger(__name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
LOCK = "WORKER_METRICS_LOCK"  # the descriptor by which `bin/worker` holds the folder
_server: Any = None


class Children(Collector):
    """The parent's children: how many there are and should be, and the memory that they take."""

    def __init__(self, pool: Any, wanted: int) -> None:
        self._pool = pool
        self._wanted = wanted

    def collect(self) -> Iterator[Metric]:
        alive = self._pool.info["processes"]
        for name, about, value in (
            ("celery_worker_processes", "Children of this worker.", len(alive)),
            ("celery_worker_processes_limit", "Children that there should be.", self._wanted),
            (
                "celery_worker_processes_resident_memory_bytes",
                "Memory of all children; pages that they share with the parent count in each.",
                sum(map(_resident, alive)),
            ),
        ):
            yield GaugeMetricFamily(name, about, value=value)


def _resident(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Guarded:
    """WSGI: the page, behind the same token as a web process's."""

    def __init__(self, page: Page) -> None:
        self._page = make_wsgi_app(page)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if authorized(environ.get("HTTP_AUTHORIZATION", "")):
            answer: Iterable[bytes] = self._page(environ, start)
            return answer
        scrapes_refused.labels("401").inc()
        start("401 Unauthorized", [("WWW-Authenticate", "Bearer"), ("Content-Length", "0")])
        return []


class Quiet(WSGIRequestHandler):
    timeout = 5.0  # for who connects and asks nothing

    def log_message(self, format: str, *args: Any) -> None:
        """A scrape is no line of the log."""


@signals.worker_init.connect
def need_the_database(**_: Any) -> None:
    """Without it a worker would take tasks from the queue only to fail them: it ends."""
    try:
        check_database()
    except Misconfigured as fault:
        setup.end_misconfigured(fault)  # Celery goes on after any exception but SystemExit


@signals.worker_ready.connect
def tell_of_what_is_known(**_: Any) -> None:
    """Before the page is served. Its connection is not for the children that are yet to come."""
    try:
        for check in tasks.worker_start_checks:
            _run(check)
    finally:
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined] # Postgres' alone


def _run(check: Callable[[], object]) -> None:
    """One that fails keeps nothing from the others: its gauges are 0 until its task has run."""
    try:
        check()
    except Exception:
        logger.exception("Gauges begin at 0", extra={"check": check.__name__})


@signals.worker_ready.connect
def serve_metrics(sender: Any, **_: Any) -> None:
    """A worker that cannot be seen does no work: it ends, with status 1."""
    global _server  # noqa: PLW0603 one per process is the point
    if not conf.ENABLE_PROMETHEUS:
        return
    page = Page(
        Children(sender.pool, sender.controller.concurrency),
        ProcessFiles(Path(os.environ[FOLDER])),
        PROCESS_COLLECTOR,
        PLATFORM_COLLECTOR,
        GC_COLLECTOR,
        Build(),
        BrokerQueues(),
    )
    host, port = conf.WORKER_METRICS_HOST, conf.WORKER_METRICS_PORT
    try:
        _server = make_server(
            host, port, Guarded(page), server_class=ThreadingWSGIServer, handler_class=Quiet
        )
    except OSError as fault:
        logger.critical("Port %s of %s cannot be used for metrics: %s", port, host, fault.strerror)
        raise WorkerShutdown(1) from fault
    Thread(target=_server.serve_forever, name="metrics", daemon=True).start()


@signals.heartbeat_sent.connect
def show_life(**_: Any) -> None:
    """Every two seconds, by the parent's event loop while it has its broker: what a health check
    looks at, whether there are metrics or not."""
    celery_heartbeat.set_to_current_time()
    if folder := os.environ.get(FOLDER):
        (Path(folder) / "alive").touch()


@signals.worker_process_init.connect
def leave_what_is_the_parents(**_: Any) -> None:
    """A child inherits the folder's lock, and one that takes a dead one's place the listening
    socket. It outlives a parent that is killed by a moment, or more where there is no Linux, and
    would keep both from the next worker."""
    if lock := os.environ.get(LOCK):
        os.close(int(lock))
    if _server is not None:
        _server.socket.close()
