"""The channel layer's queue of this process, read at scrape time."""

from collections.abc import Iterator
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.core import RedisChannelLayer
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from apps.core.conf import conf
from apps.core.prometheus.collectors import ScrapeCollector, redis_integers


class LayerQueue(ScrapeCollector):
    """Nothing for a layer without such a queue."""

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
