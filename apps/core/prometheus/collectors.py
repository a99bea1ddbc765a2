"""What a process tells of itself at scrape time: its build, its database pool, its queues.

Collectors, so that nothing is kept up to date between scrapes, and so that a value that cannot be
had is missing rather than old.
"""

import logging
import platform
from collections.abc import Iterator
from functools import cache
from typing import Any

import django
import redis
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.core import RedisChannelLayer
from django.db import connections
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core.conf import conf

logger = logging.getLogger(__name__)

REDIS_SECONDS = 0.5
# kombu keeps priorities in keys of their own: the queue's name, and with these after it.
PRIORITIES = ("", "\x06\x163", "\x06\x166", "\x06\x169")


class Build(Collector):
    def collect(self) -> Iterator[Metric]:
        labels = {
            "release": conf.RELEASE or "unknown",
            "python": platform.python_version(),
            "django": django.get_version(),
        }
        family = GaugeMetricFamily("app_build_info", "What runs.", labels=list(labels))
        family.add_metric(list(labels.values()), 1)
        yield family


class DatabasePool(Collector):
    """This process's Postgres pool; zeros where there is none."""

    def collect(self) -> Iterator[Metric]:
        # The property `pool` would make one.
        pools = getattr(connections["default"], "_connection_pools", {})
        stats = pools["default"].get_stats() if "default" in pools else {}
        size, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
        for name, about, value in (
            ("db_pool_size", "Connections in the pool.", size),
            ("db_pool_in_use", "Connections at work.", size - idle),
            ("db_pool_waiting", "Threads waiting for one.", stats.get("requests_waiting", 0)),
            ("db_pool_limit", "Connections that there may be.", stats.get("pool_max", 0)),
        ):
            yield GaugeMetricFamily(name, about, value=value)
        yield CounterMetricFamily(
            "db_pool_timeouts",
            "Times that no connection was free in time.",
            value=stats.get("requests_errors", 0),
        )


class BrokerQueues(Collector):
    """`celery_queue_length`: what no worker has taken yet. Told by every process, so that it is
    known when the workers are gone."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "celery_queue_length", "Tasks waiting in the broker.", labels=["queue"]
        )
        queues = conf.BROKER_QUEUES if conf.REDIS_URL else []
        for queue in queues:
            lengths = _asked([("LLEN", queue + priority) for priority in PRIORITIES])
            if lengths is not None:
                family.add_metric([queue], sum(lengths))
        yield family


class LayerQueue(Collector):
    """The channel layer's queue of this process: how much waits in it, and how much may. Nothing of
    a layer that has no such queue."""

    def collect(self) -> Iterator[Metric]:
        layer = get_channel_layer()
        if not isinstance(layer, InMemoryChannelLayer | RedisChannelLayer):
            return
        yield GaugeMetricFamily(
            "channel_layer_capacity", "Messages that may wait.", value=layer.capacity
        )
        if (waiting := _waiting(layer)) is not None:
            yield GaugeMetricFamily(
                "channel_layer_pending_messages",
                "Messages waiting for this process in the channel layer.",
                value=waiting,
            )


def _waiting(layer: Any) -> int | None:
    if isinstance(layer, InMemoryChannelLayer):
        return int(sum(queue.qsize() for queue in tuple(layer.channels.values())))
    told = _asked([("ZCARD", _queue_key(layer))]) if conf.REDIS_URL else None
    return None if told is None else sum(told)


def _queue_key(layer: Any) -> str:
    """channels_redis keeps one sorted set for all channels of a process."""
    return f"{layer.prefix}specific.{layer.client_prefix}!"


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        conf.REDIS_URL,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _asked(commands: list[tuple[str, str]]) -> list[int] | None:
    """The answers, or None where Redis gives none in time."""
    pipeline = _redis().pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py has no type for it
    try:
        return list(pipeline.execute())
    except redis.RedisError as fault:
        logger.warning("Redis unavailable for metrics", extra={"fault": repr(fault)})
        return None
