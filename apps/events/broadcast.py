"""Publishes committed events to the channel layer, from any process."""

import asyncio
import logging
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.core import context
from apps.core.metrics import layer_dropped

logger = logging.getLogger(__name__)

LAYER_SECONDS = 2.0

_loop: asyncio.AbstractEventLoop | None = None


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Sends from this event loop from now on, so that `publish` does not wait."""
    global _loop  # noqa: PLW0603 one per process
    _loop = loop


def publish(stream: str, seq: int, frame: str) -> None:
    """Wakes the listeners of all processes. Without an event loop (worker, command) it waits at
    most LAYER_SECONDS. A lost message is harmless: listeners read the event from the database."""
    message = {
        "type": "live",
        "stream": stream,
        "seq": seq,
        "frame": frame,
        "at": time.time(),
        "trace": context.current().get("trace_id"),
    }
    if _loop is not None and _loop.is_running():
        asyncio.run_coroutine_threadsafe(_send(stream, message), _loop)
    else:
        async_to_sync(_send)(stream, message)


async def _send(stream: str, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            await get_channel_layer().group_send(group_of(stream), message)
    except Exception:  # each backend raises its own exceptions
        layer_dropped.labels("send").inc()
        logger.exception(
            "Live event could not be published", extra={"stream": stream, "seq": message["seq"]}
        )


def group_of(stream: str) -> str:
    return "live." + stream.replace(":", "-")
