"""Collectors that read a process's build, its database pool and the broker at scrape time.

Nothing is kept up to date between scrapes, and a value that is unavailable is missing, not stale.
"""

import logging
import platform
from collections.abc import Iterable, Iterator
from functools import cache

import django
import redis
from django.db import connections
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core.conf import conf

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.5  # seconds
# kombu stores each priority in a key of its own: the queue's name plus one of these.
PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")


class ScrapeCollector(Collector):
    def describe(self) -> Iterable[Metric]:
        """Nothing: without this, the registry calls `collect` when the collector is registered."""
        return ()


class Build(ScrapeCollector):
    def collect(self) -> Iterator[Metric]:
        labels = {
            "release": conf.RELEASE or "unknown",
            "python": platform.python_version(),
            "django": django.get_version(),
        }
        family = GaugeMetricFamily(
            "app_build_info", "Release, Python and Django versions, as labels.", labels=list(labels)
        )
        family.add_metric(list(labels.values()), 1)
        yield family


class DatabasePool(ScrapeCollector):
    """This process's PostgreSQL pool; zeros without one."""

    def collect(self) -> Iterator[Metric]:
        # The property `pool` would create one.
        pools = getattr(connections["default"], "_connection_pools", {})
        stats = pools["default"].get_stats() if "default" in pools else {}
        size, waiting = stats.get("pool_size", 0), stats.get("requests_waiting", 0)
        in_use = size - stats.get("pool_available", 0)
        limit, timeouts = stats.get("pool_max", 0), stats.get("requests_errors", 0)
        yield GaugeMetricFamily("db_pool_size", "Number of pooled connections.", size)
        yield GaugeMetricFamily("db_pool_in_use", "Number of connections in use.", in_use)
        yield GaugeMetricFamily("db_pool_waiting", "Number of waiting threads.", waiting)
        yield GaugeMetricFamily("db_pool_limit", "Maximum number of connections.", limit)
        yield CounterMetricFamily("db_pool_timeouts", "Total number of timed-out waits.", timeouts)


class BrokerQueues(ScrapeCollector):
    """Every process exposes the queues, so that they are known when all workers are down."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "celery_queue_length", "Number of tasks waiting in the broker.", labels=["queue"]
        )
        for queue in conf.BROKER_QUEUES if conf.REDIS_URL else ():
            lengths = redis_integers([("LLEN", queue + priority) for priority in PRIORITIES])
            if lengths is not None:
                family.add_metric([queue], sum(lengths))
        yield family


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        conf.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


def redis_integers(commands: list[tuple[str, str]]) -> list[int] | None:
    """The replies, or None if Redis did not reply in time."""
    pipeline = _redis().pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py has no type for it
    try:
        return list(pipeline.execute())
    except redis.RedisError as error:
        logger.warning("Redis unavailable for metrics", extra={"error": repr(error)})
        return None
