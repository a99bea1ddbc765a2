"""A listener of a live feed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from apps.core.metrics import ws_messages_sent

Deliver = Callable[[str], Awaitable[None]]


class Entry(NamedTuple):
    """An event to deliver. `frame` is its JSON, `at` the time of its commit. `trace` is the trace
    that caused it; the database does not store it."""

    seq: int
    frame: str
    at: float
    trace: str | None = None


class Listener:
    """A socket's position in a stream: `seq` is the last event that it received."""

    def __init__(self, deliver: Deliver, seq: int) -> None:
        self.deliver = deliver
        self.seq = seq
        self._lock = asyncio.Lock()

    async def give(self, entries: list[Entry]) -> int:
        """Delivers the entries that follow `seq` without a gap. Returns their number."""
        delivered = 0
        async with self._lock:
            for entry in entries:
                if entry.seq == self.seq + 1:
                    await self.deliver(entry.frame)
                    self.seq = entry.seq
                    delivered += 1
        ws_messages_sent.labels("event").inc(delivered)
        return delivered
