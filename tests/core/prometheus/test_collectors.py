"""Metrics that are read at scrape time, and those of the cache and the channel layer."""

import logging
from typing import Any

import pytest
from django.core.cache import caches

from apps.core.metrics import count_close
from apps.core.websocket.channel_layer import CountedQueue, CountedRedisLayer, LayerQueue
from tests import samples


def test_the_build_is_exposed() -> None:
    builds = [dict(labels) for name, labels in samples.samples() if name == "app_build_info"]
    assert [set(labels) for labels in builds] == [{"release", "python", "django"}]


def test_a_cache_read_is_a_hit_or_a_miss_and_a_cached_none_is_a_hit() -> None:
    cache = caches["default"]
    backend = "redis" if "Redis" in type(cache).__name__ else "locmem"
    reads = samples.increase("django_cache_get_total", backend=backend)
    hits = samples.increase("django_cache_get_hits_total", backend=backend)
    misses = samples.increase("django_cache_get_misses_total", backend=backend)
    cache.set_many({"a": 1, "b": None})
    assert (cache.get("a"), cache.get("b"), cache.get("gone", "default")) == (1, None, "default")
    assert cache.get_many(["a", "gone"]) == {"a": 1}
    assert (reads(), hits(), misses()) == (5, 3, 2)


def test_messages_dropped_by_a_full_buffer_are_counted() -> None:
    dropped = samples.increase("channel_layer_dropped_messages_total", where="buffer")
    queue = CountedQueue(2)
    for number in range(5):
        queue.put_nowait(number)
    assert (dropped(), queue.get_nowait()) == (3, 3)


@pytest.mark.redis
async def test_messages_dropped_by_a_full_group_are_counted_at_any_log_level(
    caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level(logging.ERROR)
    dropped = samples.increase("channel_layer_dropped_messages_total", where="group")
    layer = CountedRedisLayer(hosts=[settings.REDIS_URL], capacity=3, prefix="counted")
    for _ in range(2):
        await layer.group_add("all", await layer.new_channel("x"))
    for number in range(5):
        await layer.group_send("all", {"type": "live", "number": number})
    await layer.flush()
    assert dropped() == 2  # the two members share this process's one queue


@pytest.mark.redis
def test_the_queue_length_includes_all_priorities() -> None:
    from apps.core.prometheus.collectors import PRIORITIES, _redis

    queued = samples.increase("celery_queue_length", queue="celery")
    keys = ["celery" + priority for priority in PRIORITIES]
    for key in keys:
        _redis().rpush(key, "a task")
    assert queued() == 4
    for key in keys:
        _redis().rpop(key)


@pytest.mark.redis
async def test_pending_messages_of_this_process_are_exposed() -> None:
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "live"})
    assert samples.value("channel_layer_pending_messages") == 1
    assert samples.value("channel_layer_capacity") == 100
    await layer.receive(channel)
    assert samples.value("channel_layer_pending_messages") == 0


@pytest.mark.parametrize("redis_url", ["", "redis://127.0.0.1:1/0"])
def test_a_layer_in_memory_is_exposed_with_and_without_redis(settings: Any, redis_url: str) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.REDIS_URL = redis_url
    values = {family.name: family.samples[0].value for family in LayerQueue().collect()}
    assert values == {"channel_layer_capacity": 100, "channel_layer_pending_messages": 0}


@pytest.mark.parametrize(
    "layers", [{}, {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}]
)
def test_a_layer_without_a_queue_is_not_exposed(settings: Any, layers: Any) -> None:
    settings.CHANNEL_LAYERS = layers
    assert list(LayerQueue().collect()) == []


@pytest.mark.parametrize(
    ("code", "label"), [(1000, "1000"), (1012, "1012"), (4999, "other"), (None, "other")]
)
def test_close_codes_are_bounded(code: int | None, label: str) -> None:
    counted = samples.increase("ws_disconnections_total", code=label)
    count_close(code)
    assert counted() == 1
