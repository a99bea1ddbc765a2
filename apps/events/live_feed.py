"""Live feeds: delivers the events of a public stream to every socket that listens, in order.

Each process joins the channel layer once, for all its sockets. A message of the layer carries a
copy of an event that the database has. Events that the layer loses or reorders are read from the
database, at most RESYNC_SECONDS later.
"""

import asyncio
import itertools
import logging
import time
from contextvars import Context

from channels.layers import get_channel_layer

from apps.core import thread_pool
from apps.events import broadcast
from apps.events.audit import chain
from apps.events.broadcast import LAYER_SECONDS, group_of
from apps.events.exceptions import BrokenStream
from apps.events.listener import Entry, Listener
from apps.events.metrics import live_delivery, live_replayed, live_resynced
from apps.events.models import Stream
from apps.events.recording import since

logger = logging.getLogger(__name__)

RESYNC_SECONDS = 5.0
SUBSCRIBE_ROUNDS = 12


class LiveFeed:
    """This process's member of the channel layer. Use it on the event loop only."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.layer = get_channel_layer()
        self.listeners: dict[str, set[Listener]] = {}
        self._subscribed: set[str] = set()
        self._subscription_lock = asyncio.Lock()
        self._retry_layer_at = 0.0
        self._channel = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, stream: str, listener: Listener) -> None:
        """Delivers all events after the listener's `seq`, the stored ones first."""
        self.listeners.setdefault(stream, set()).add(listener)
        await self._update_subscription(stream)
        while entries := await thread_pool.query(_read, stream, listener.seq):
            live_replayed.inc(await listener.give(entries))
            if listener.seq < entries[-1].seq:  # not so if `fan_out` delivered them meanwhile
                listener.seq = await thread_pool.query(_pruned_until, stream, listener.seq)

    async def leave(self, stream: str, listener: Listener) -> None:
        remaining = self.listeners.get(stream, set())
        remaining.discard(listener)
        if not remaining and self.listeners.pop(stream, None) is not None:
            await self._update_subscription(stream)

    async def fan_out(self, stream: str, entry: Entry) -> None:
        """Delivers one event. Listeners that missed events receive those first."""
        listeners = self.listeners.get(stream, set())
        due = [listener for listener in listeners if listener.seq + 1 == entry.seq]
        if await self._give(due, [entry]):
            _observe_delivery([entry])
        await self._catch_up(stream, [each for each in listeners if each.seq < entry.seq])

    async def resync(self) -> None:
        """Compares every stream with its head, by one query for all listeners."""
        heads = await thread_pool.query(_heads, list(self.listeners))
        for stream, seq in heads.items():
            listeners = self.listeners.get(stream, set())
            await self._catch_up(stream, [each for each in listeners if each.seq < seq])

    async def _catch_up(self, stream: str, behind: list[Listener]) -> None:
        """Reads once for all listeners that have the same `seq`."""
        for seq in {listener.seq for listener in behind}:
            entries = await thread_pool.query(_read, stream, seq)
            live_resynced.inc(len(entries))
            if await self._give([each for each in behind if each.seq == seq], entries):
                _observe_delivery(entries)

    async def _give(self, listeners: list[Listener], entries: list[Entry]) -> int:
        """Returns the number of deliveries. An error of one listener does not affect the others:
        its socket is about to close."""
        delivered = 0
        for listener in listeners:
            try:
                delivered += await listener.give(entries)
            except Exception:
                logger.exception("Live event could not be delivered")
        return delivered

    async def _update_subscription(self, stream: str) -> None:
        """Joins or leaves the layer's group. Locked, as joins and leaves may overlap."""
        async with self._subscription_lock:
            if not self._channel:
                self._channel = await self.layer.new_channel()
                self._tasks = [
                    # In an empty context: they outlive the socket that starts them.
                    asyncio.create_task(self._receive(), context=Context()),
                    asyncio.create_task(self._resync_regularly(), context=Context()),
                ]
            if time.monotonic() < self._retry_layer_at:
                return
            try:
                async with asyncio.timeout(LAYER_SECONDS):
                    await self._subscribe(stream)
            except Exception:
                # Until the layer is back, `resync` delivers. Other joins must not wait for it.
                self._retry_layer_at = time.monotonic() + RESYNC_SECONDS
                logger.exception("Channel layer unavailable")

    async def _subscribe(self, stream: str) -> None:
        wanted = stream in self.listeners
        if wanted and stream not in self._subscribed:
            await self.layer.group_add(group_of(stream), self._channel)
            self._subscribed.add(stream)
        elif not wanted and stream in self._subscribed:
            self._subscribed.discard(stream)
            await self.layer.group_discard(group_of(stream), self._channel)

    async def _receive(self) -> None:
        while True:
            try:
                message = await self.layer.receive(self._channel)
            except Exception:  # each backend raises its own exceptions
                logger.exception("Channel layer unavailable")
                await asyncio.sleep(1)
                continue
            try:
                trace = message.get("trace")
                entry = Entry(message["seq"], message["frame"], message["at"], trace)
                await self.fan_out(message["stream"], entry)
            except Exception:  # a malformed message must not end the feed
                logger.exception("Live event could not be fanned out")

    async def _resync_regularly(self) -> None:
        """Renews subscriptions too: a restarted layer has lost them, and others expire in a day."""
        for number in itertools.count(1):
            await asyncio.sleep(RESYNC_SECONDS)
            try:
                await self.resync()
                if number % SUBSCRIBE_ROUNDS == 0:
                    self._subscribed.clear()
                    for stream in tuple(self.listeners):
                        await self._update_subscription(stream)
            except Exception:  # the database may be unavailable: retried in the next round
                logger.exception("Live feed could not be read again")


_live_feed: LiveFeed | None = None


def get_live_feed() -> LiveFeed:
    """The live feed of the running event loop, created on first use."""
    global _live_feed  # noqa: PLW0603 one per process
    if _live_feed is None or _live_feed.loop is not asyncio.get_running_loop():
        _live_feed = LiveFeed()
        broadcast.use_loop(_live_feed.loop)
    return _live_feed


def _observe_delivery(entries: list[Entry]) -> None:
    """By the wall clock, as another machine may have committed the event."""
    now = time.time()
    for entry in entries:
        exemplar = {"trace_id": entry.trace} if entry.trace else None
        live_delivery.observe(max(0.0, now - entry.at), exemplar)


def _read(stream: str, seq: int) -> list[Entry]:
    return [
        Entry(record.seq, record.as_json(), record.at.timestamp()) for record in since(stream, seq)
    ]


def _pruned_until(stream: str, seq: int) -> int:
    """The last pruned event. Raises BrokenStream if no checkpoint explains the gap after `seq`."""
    start = chain.start_of(stream)
    if start.seq <= seq:
        raise BrokenStream(f"{stream} has no event after {seq}")
    return start.seq


def _heads(streams: list[str]) -> dict[str, int]:
    return dict(Stream.objects.filter(name__in=streams).values_list("name", "seq"))
