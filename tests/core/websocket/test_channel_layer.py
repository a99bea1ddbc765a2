"""The channel layer on Redis, beyond what it drops."""

import asyncio
from typing import Any

import pytest

from apps.core.websocket.channel_layer import CountedRedisLayer


@pytest.mark.redis
async def test_a_receive_ends_whenever_it_is_cancelled(settings: Any) -> None:
    """At each step on the way to waiting for a message: connect, send, read, and again."""
    layer = CountedRedisLayer(**settings.CHANNEL_LAYERS["default"]["CONFIG"], prefix="ended")
    layer.brpop_timeout = 0.1
    for steps in range(60):
        receiving = asyncio.create_task(layer.receive(await layer.new_channel()))
        for _ in range(steps):
            await asyncio.sleep(0)
        receiving.cancel()
        _, still_on = await asyncio.wait({receiving}, timeout=5)
        receiving.cancel()
        assert not still_on, f"cancelled at step {steps}"
    await layer.close_pools()
