import asyncio
from typing import Any

import pytest

from apps.core.websocket.channel_layer import CountedRedisLayer


@pytest.mark.redis
async def test_a_cancelled_receive_ends(settings: Any) -> None:
    """At each step until it waits for a message: connect, send, read, retry."""
    layer = CountedRedisLayer(**settings.CHANNEL_LAYERS["default"]["CONFIG"], prefix="ended")
    layer.brpop_timeout = 0.1
    for steps in range(60):
        receiving = asyncio.create_task(layer.receive(await layer.new_channel()))
        for _ in range(steps):
            await asyncio.sleep(0)
        receiving.cancel()
        _, running = await asyncio.wait({receiving}, timeout=180)
        receiving.cancel()
        assert not running, f"cancelled at step {steps}"
    await layer.close_pools()
