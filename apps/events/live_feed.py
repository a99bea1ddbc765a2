"""Live feeds: what a public stream records reaches every socket that listens to it, in order.

The channel layer only carries a copy of what is in the database. A process takes part in the
layer once, however many sockets it has: one message in, encoded already, fanned out here. What the
layer loses or reorders is read from the database, at the latest RESYNC_SECONDS later.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, NamedTuple

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.core import context, thread_pool
from apps.core.metrics import layer_dropped, ws_messages_sent
from apps.events.audit import chain
from apps.events.exceptions import BrokenStream
from apps.events.metrics import live_delivery, live_replayed, live_resynced
from apps.events.models import EventRecord, Stream

logger = logging.getLogger(__name__)

RESYNC_SECONDS = 5.0
SUBSCRIBE_TURNS = 12
LAYER_SECONDS = 2.0
BATCH = 500
Deliver = Callable[[str], Awaitable[None]]


class Entry(NamedTuple):
    """An event on its way: `frame` is what a socket is given, `at` when it was committed, `trace`
    the trace of the work that did it: the database does not know it."""

    seq: int
    frame: str
    at: float
    trace: str | None = None


class Listener:
    """One socket's place in a stream: `seq` is the last event it was given."""

    def __init__(self, deliver: Deliver, seq: int) -> None:
        self.deliver = deliver
        self.seq = seq
        self._turn = asyncio.Lock()

    async def give(self, entries: list[Entry]) -> int:
        """Those of the entries whose turn it is. Returns how many these were."""
        given = 0
        async with self._turn:
            for entry in entries:
                if entry.seq == self.seq + 1:
                    await self.deliver(entry.frame)
                    self.seq = entry.seq
                    given += 1
        ws_messages_sent.labels("event").inc(given)
        return given


class LiveFeed:
    """This process's part in the channel layer. Lives on the event loop; made by its first use."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.layer = get_channel_layer()
        self.listeners: dict[str, set[Listener]] = {}
        self._subscribed: set[str] = set()
        self._membership = asyncio.Lock()
        self._layer_retried_at = 0.0
        self._channel = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, stream: str, listener: Listener) -> None:
        """From here on the listener is given what comes after its `seq`."""
        self.listeners.setdefault(stream, set()).add(listener)
        await self._settle_membership(stream)
        while entries := await thread_pool.query(_read, stream, listener.seq):
            live_replayed.inc(await listener.give(entries))
            if listener.seq < entries[-1].seq:  # it may be further on, by what came meanwhile
                listener.seq = await thread_pool.query(_exported_until, stream, listener.seq)

    async def leave(self, stream: str, listener: Listener) -> None:
        remaining = self.listeners.get(stream, set())
        remaining.discard(listener)
        if not remaining and self.listeners.pop(stream, None) is not None:
            await self._settle_membership(stream)

    async def fan_out(self, stream: str, entry: Entry) -> None:
        """Gives one event to all whose turn it is, and to who is further behind what it missed."""
        listeners = self.listeners.get(stream, set())
        due = [one for one in listeners if one.seq + 1 == entry.seq]
        if await self._give(due, [entry]):
            _observe_delivery([entry])
        await self._bring_up(stream, [one for one in listeners if one.seq < entry.seq])

    async def resync(self) -> None:
        """Compares every listened stream with its head: one query, whatever the sockets."""
        heads = await thread_pool.query(_heads, list(self.listeners))
        for stream, seq in heads.items():
            listeners = self.listeners.get(stream, set())
            await self._bring_up(stream, [one for one in listeners if one.seq < seq])

    async def _bring_up(self, stream: str, behind: list[Listener]) -> None:
        """One read for all that stopped at the same event."""
        for seq in {listener.seq for listener in behind}:
            entries = await thread_pool.query(_read, stream, seq)
            live_resynced.inc(len(entries))
            if await self._give([one for one in behind if one.seq == seq], entries):
                _observe_delivery(entries)

    async def _give(self, listeners: list[Listener], entries: list[Entry]) -> int:
        """Returns how many events were handed over, over all listeners. One that cannot be given
        anything, as its socket is about to end, is no trouble of the others."""
        given = 0
        for listener in listeners:
            try:
                given += await listener.give(entries)
            except Exception:
                logger.exception("Live event could not be delivered")
        return given

    async def _settle_membership(self, stream: str) -> None:
        """Makes the layer know what we listen to. One at a time: joins and leaves may cross."""
        async with self._membership:
            if not self._channel:
                self._channel = await self.layer.new_channel()
                self._tasks = [
                    # In a context of their own: they outlive the socket that starts them.
                    asyncio.create_task(self._read_layer(), context=Context()),
                    asyncio.create_task(self._keep_in_step(), context=Context()),
                ]
            if time.monotonic() < self._layer_retried_at:
                return
            try:
                async with asyncio.timeout(LAYER_SECONDS):
                    await self._subscribe(stream)
            except Exception:
                # The feed goes on by resync until the layer is back. Nobody else waits meanwhile.
                self._layer_retried_at = time.monotonic() + RESYNC_SECONDS
                logger.exception("Channel layer unavailable")

    async def _subscribe(self, stream: str) -> None:
        wanted = stream in self.listeners
        if wanted and stream not in self._subscribed:
            await self.layer.group_add(_group(stream), self._channel)
            self._subscribed.add(stream)
        elif not wanted and stream in self._subscribed:
            self._subscribed.discard(stream)
            await self.layer.group_discard(_group(stream), self._channel)

    async def _read_layer(self) -> None:
        while True:
            try:
                message = await self.layer.receive(self._channel)
            except Exception:  # what the layer raises is its backend's business
                logger.exception("Channel layer unavailable")
                await asyncio.sleep(1)
                continue
            try:
                trace = message.get("trace")
                entry = Entry(message["seq"], message["frame"], message["at"], trace)
                await self.fan_out(message["stream"], entry)
            except Exception:  # one message that is malformed ends the feed of nobody
                logger.exception("Live event could not be fanned out")

    async def _keep_in_step(self) -> None:
        """Resyncs, and now and then subscribes again: a layer that restarted forgot us, and one
        that did not forgets members after a day."""
        for turn in itertools.count(1):
            await asyncio.sleep(RESYNC_SECONDS)
            try:
                await self.resync()
                if turn % SUBSCRIBE_TURNS == 0:
                    self._subscribed.clear()
                    for stream in tuple(self.listeners):
                        await self._settle_membership(stream)
            except Exception:  # the database may be away: the next turn comes
                logger.exception("Live feed could not be read again")


_live_feed: LiveFeed | None = None


def get_live_feed() -> LiveFeed:
    """This process's hub, made on the running loop when first asked for."""
    global _live_feed  # noqa: PLW0603 one per process is the point
    if _live_feed is None or _live_feed.loop is not asyncio.get_running_loop():
        _live_feed = LiveFeed()
    return _live_feed


def publish(stream: str, seq: int, frame: str) -> None:
    """Wakes the listeners of all processes. Returns at once in a process that serves sockets;
    elsewhere (worker, command) waits LAYER_SECONDS at most. Losing it loses nothing."""
    message = {
        "type": "live",
        "stream": stream,
        "seq": seq,
        "frame": frame,
        "at": time.time(),
        "trace": context.current().get("trace_id"),
    }
    if _live_feed is not None and _live_feed.loop.is_running():
        asyncio.run_coroutine_threadsafe(_send(stream, message), _live_feed.loop)
    else:
        async_to_sync(_send)(stream, message)


async def _send(stream: str, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(LAYER_SECONDS):
            await get_channel_layer().group_send(_group(stream), message)
    except Exception:  # it has committed, and losing its wake-up loses nothing
        layer_dropped.labels("send").inc()
        logger.exception(
            "Live event could not be published", extra={"stream": stream, "seq": message["seq"]}
        )


def _observe_delivery(entries: list[Entry]) -> None:
    """By the wall clock, as the event may come from another machine."""
    now = time.time()
    for entry in entries:
        exemplar = {"trace_id": entry.trace} if entry.trace else None
        live_delivery.observe(max(0.0, now - entry.at), exemplar)


def _group(stream: str) -> str:
    return "live." + stream.replace(":", "-")


def _read(stream: str, seq: int) -> list[Entry]:
    records = EventRecord.objects.filter(stream_id=stream, seq__gt=seq).order_by("seq")[:BATCH]
    return [Entry(record.seq, record.as_json(), record.at.timestamp()) for record in records]


def _exported_until(stream: str, seq: int) -> int:
    """Where the feed goes on for who asks from an event on that has been exported and removed."""
    start = chain.start_of(stream)
    if start.seq <= seq:
        raise BrokenStream(f"{stream} does not go on after {seq}")
    return start.seq


def _heads(streams: list[str]) -> dict[str, int]:
    return dict(Stream.objects.filter(name__in=streams).values_list("name", "seq"))
