"""channels_redis' layer, with what it drops counted: by itself it says so in an INFO line at most.

It drops a message that is sent to a group when a member's queue is full, and the oldest message of
a buffer in the receiving process.
"""

import asyncio
import logging
from collections import defaultdict
from functools import partial
from typing import Any

from channels_redis.core import BoundedQueue, RedisChannelLayer

from apps.core.metrics import layer_dropped


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
        """Before Python 3.12 `asyncio.wait_for`, which redis-py sends with, may lose that it was
        cancelled: whoever receives would then wait for messages for ever, and who ends the loop
        for whoever receives."""
        if _is_cancelled():
            raise asyncio.CancelledError
        found: bytes | None = await super()._brpop_with_clean(index, channel, timeout)
        return found


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class GroupDrops(logging.Filter):
    """What `group_send` dropped is known from its log line alone: "%s of %s channels over capacity
    in group %s"."""

    def filter(self, record: logging.LogRecord) -> bool:
        if "over capacity in group" in str(record.msg) and isinstance(record.args, tuple):
            layer_dropped.labels("group").inc(float(str(record.args[0])))
        return True


_log = logging.getLogger("channels_redis.core")
_log.addFilter(GroupDrops())
_log.setLevel(logging.INFO)  # whatever the root's is: a line that is not made is not counted
