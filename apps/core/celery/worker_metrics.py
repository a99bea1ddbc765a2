"""Serves the metrics of a prefork worker: its child processes write files, the parent serves them.

PROMETHEUS_MULTIPROC_DIR must name an empty folder before Python starts: prometheus_client reads it
at import. A series in these files cannot be removed, so a BoundedLabel has no values in a worker.

    app = Celery("mysite", include=["apps.core.celery.worker_metrics"])
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import prometheus_client
from celery import signals
from celery.exceptions import WorkerShutdown
from django.db import connection
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.core.celery import task_metrics  # noqa: F401 connects its signals
from apps.core.celery.metrics import celery_heartbeat
from apps.core.celery.tasks import worker_start_checks
from apps.core.conf import conf
from apps.core.prometheus.aliases import Aliased
from apps.core.prometheus.collectors import BrokerQueues, Build
from apps.core.prometheus.metrics import authorized
from apps.core.prometheus.multiprocess import ProcessFiles

logger = logging.getLogger(__name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
LOCK = "WORKER_METRICS_LOCK"  # file descriptor of the lock that bin/worker holds on the folder
_server: Any = None
WSGI = Callable[..., Iterable[bytes]]


class PoolCollector(Collector):
    """Number and memory of the child processes."""

    def __init__(self, pool: Any, limit: int) -> None:
        self._pool, self._limit = pool, limit

    def collect(self) -> Iterator[Metric]:
        pids = self._pool.info["processes"]
        name = "celery_worker_processes"
        yield GaugeMetricFamily(name, "Number of child processes.", len(pids))
        yield GaugeMetricFamily(f"{name}_limit", "Configured number of processes.", self._limit)
        yield GaugeMetricFamily(
            f"{name}_resident_memory_bytes",
            "Resident memory of all child processes in bytes. Shared pages count in each.",
            sum(map(_resident_bytes, pids)),
        )


def _resident_bytes(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError):  # the process just ended
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def token_auth(app: WSGI) -> WSGI:
    """WSGI middleware that requires the same token as a web process's page."""

    def with_auth(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if authorized(environ.get("HTTP_AUTHORIZATION", "")):
            return app(environ, start)
        start("401 Unauthorized", [("WWW-Authenticate", "Bearer"), ("Content-Length", "0")])
        return []

    return with_auth


class SilentRequestHandler(WSGIRequestHandler):
    timeout = 5.0  # for clients that connect and send no request

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are not logged."""


@signals.worker_ready.connect
def initialize_gauges(**_: Any) -> None:
    """Runs before the page is served. Later children must not inherit its database connection."""
    for check in worker_start_checks:
        try:
            check()
        except Exception:  # the other checks still run
            logger.exception("Gauges not initialized", extra={"check": check.__name__})
    connection.close()
    if hasattr(connection, "close_pool"):  # PostgreSQL
        connection.close_pool()


@signals.worker_ready.connect
def serve_metrics(sender: Any, **_: Any) -> None:
    """Ends a worker that cannot serve its metrics, with status 1."""
    global _server  # noqa: PLW0603 one per process
    if not conf.ENABLE_PROMETHEUS:
        return
    registry = prometheus_client.CollectorRegistry()
    for collector in (
        PoolCollector(sender.pool, sender.controller.concurrency),
        Aliased(ProcessFiles(Path(os.environ[FOLDER]))),
        prometheus_client.PROCESS_COLLECTOR,
        prometheus_client.PLATFORM_COLLECTOR,
        prometheus_client.GC_COLLECTOR,
        Build(),
        BrokerQueues(),
    ):
        registry.register(collector)
    app = token_auth(prometheus_client.make_wsgi_app(registry))
    host, port = conf.WORKER_METRICS_HOST, conf.WORKER_METRICS_PORT
    try:
        _server = make_server(host, port, app, ThreadingWSGIServer, SilentRequestHandler)
    except OSError as error:
        logger.critical("Cannot serve metrics on %s:%s: %s", host, port, error.strerror)
        raise WorkerShutdown(1) from error
    Thread(target=_server.serve_forever, name="metrics", daemon=True).start()


@signals.heartbeat_sent.connect
def touch_heartbeat(**_: Any) -> None:
    """Runs every two seconds in the parent while it has its broker. Health checks read the file,
    with or without metrics."""
    celery_heartbeat.set_to_current_time()
    if folder := os.environ.get(FOLDER):
        (Path(folder) / "alive").touch()


@signals.worker_process_init.connect
def close_inherited_fds(**_: Any) -> None:
    """A child inherits the folder's lock, and a replacement child the listening socket. It outlives
    a killed parent for a moment and would keep both from the next worker."""
    if lock := os.environ.get(LOCK):
        os.close(int(lock))
    if _server is not None:
        _server.socket.close()
