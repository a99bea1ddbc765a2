"""channels_redis' layer, which counts the messages that it drops, and the metrics of its queue.

The original drops a message to a group if a member's queue is full, and the oldest message of a
full buffer in the receiving process. It logs the first case at INFO only.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.core import BoundedQueue, RedisChannelLayer
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from apps.core.conf import conf
from apps.core.metrics import layer_dropped
from apps.core.prometheus.collectors import ScrapeCollector, redis_integers


class CountedQueue(BoundedQueue):
    def put_nowait(self, item: object) -> None:
        if self.full():
            layer_dropped.labels("buffer").inc()
        super().put_nowait(item)


class CountedRedisLayer(RedisChannelLayer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.receive_buffer: defaultdict[str, CountedQueue] = defaultdict(
            partial(CountedQueue, self.capacity)
        )

    async def _brpop_with_clean(self, index: int, channel: str, timeout: float) -> bytes | None:
        """Before Python 3.12 `asyncio.wait_for`, which redis-py uses, may swallow a cancellation.
        The receiver would then wait forever, and a shutdown for the receiver."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        message: bytes | None = await super()._brpop_with_clean(index, channel, timeout)
        return message


def count_group_drops(record: logging.LogRecord) -> bool:
    """Only the log line shows what `group_send` dropped: "%s of %s channels over capacity in group
    %s"."""
    if "over capacity in group" in str(record.msg) and isinstance(record.args, tuple):
        layer_dropped.labels("group").inc(float(str(record.args[0])))
    return True


_log = logging.getLogger("channels_redis.core")
_log.addFilter(count_group_drops)
_log.setLevel(logging.INFO)  # independent of the root level: filters run for logged records only


class LayerQueue(ScrapeCollector):
    """This process's queue, read at scrape time. Nothing for a layer without such a queue."""

    def collect(self) -> Iterator[Metric]:
        layer = get_channel_layer()
        if not isinstance(layer, InMemoryChannelLayer | RedisChannelLayer):
            return
        yield GaugeMetricFamily(
            "channel_layer_capacity",
            "Maximum number of messages in the channel layer's queue of this process.",
            value=layer.capacity,
        )
        if (pending := _pending(layer)) is not None:
            yield GaugeMetricFamily(
                "channel_layer_pending_messages",
                "Number of messages in the channel layer's queue of this process.",
                value=pending,
            )


def _pending(layer: Any) -> int | None:
    if isinstance(layer, InMemoryChannelLayer):
        return int(sum(queue.qsize() for queue in tuple(layer.channels.values())))
    # channels_redis keeps one sorted set for all channels of a process.
    key = f"{layer.prefix}specific.{layer.client_prefix}!"
    sizes = redis_integers([("ZCARD", key)]) if conf.REDIS_URL else None
    return None if sizes is None else sum(sizes)
