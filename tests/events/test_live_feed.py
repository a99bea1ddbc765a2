"""Delivery to the listeners of this process."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator

import pytest
from channels.layers import InMemoryChannelLayer
from django.utils import timezone

from apps.core import thread_pool
from apps.events import live_feed
from apps.events.audit import pruning
from apps.events.audit.exports import Span
from apps.events.exceptions import BrokenStream
from apps.events.listener import Entry, Listener
from apps.events.live_feed import LiveFeed
from apps.events.models import EventRecord, Stream
from tests.events.example import STREAM, win

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def feed() -> AsyncIterator[LiveFeed]:
    feed = LiveFeed()
    yield feed
    for task in feed._tasks:
        task.cancel()


class Frames(list[str]):
    """Collects what a socket receives."""

    async def deliver(self, frame: str) -> None:
        self.append(frame)


def write_record(seq: int) -> None:
    stream = Stream.objects.create(name=STREAM, seq=seq)
    EventRecord.objects.create(
        stream=stream, seq=seq, name="created", data={}, at=timezone.now(), request_id="-"
    )


async def test_a_failing_socket_does_not_affect_others(
    feed: LiveFeed, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(frame: str) -> None:
        raise ConnectionResetError(frame)

    frames = Frames()
    failing, others = Listener(fail, 0), [Listener(frames.deliver, 0) for _ in range(8)]
    feed.listeners[STREAM] = {failing, *others}
    with caplog.at_level(logging.ERROR):
        await feed.fan_out(STREAM, Entry(1, "created", time.time()))
    assert frames == ["created"] * 8
    assert failing.seq == 0
    assert "Live event could not be delivered" in caplog.text


async def test_events_during_a_replay_are_delivered_once_and_in_order(feed: LiveFeed) -> None:
    async def fan_out_while_reading() -> None:
        threads = thread_pool.web_threads()
        while not threads._jobs:
            await asyncio.sleep(0)
        for seq in (1, 2):
            await feed.fan_out(STREAM, Entry(seq, str(seq), time.time()))

    await thread_pool.query(write_record, 1)
    frames = Frames()
    listener = Listener(frames.deliver, 0)
    await asyncio.gather(feed.join(STREAM, listener), fan_out_while_reading())
    assert len(frames) == 2  # the first from the replay or from the feed
    assert (frames[1], listener.seq) == ("2", 2)


async def test_a_replay_continues_after_pruned_events(feed: LiveFeed) -> None:
    def prune_two_of_three() -> None:
        for _ in range(3):
            win()
        second = EventRecord.objects.get(stream=STREAM, seq=2)
        pruning.prune([Span(STREAM, 0, "", 2, second.digest)], "signature")

    await thread_pool.query(prune_two_of_three)
    frames = Frames()
    await feed.join(STREAM, Listener(frames.deliver, 0))
    assert [json.loads(frame)["seq"] for frame in frames] == [3]


async def test_a_missing_record_ends_the_feed(feed: LiveFeed) -> None:
    await thread_pool.query(write_record, 2)
    frames = Frames()
    with pytest.raises(BrokenStream):
        await feed.join(STREAM, Listener(frames.deliver, 0))
    assert frames == []


async def test_the_last_listener_of_a_stream_leaves_its_group(feed: LiveFeed) -> None:
    listeners = [Listener(Frames().deliver, 0) for _ in range(2)]
    feed.layer = layer = InMemoryChannelLayer()
    for listener in listeners:
        await feed.join(STREAM, listener)
    await feed.leave(STREAM, listeners[0])
    assert list(layer.groups) == ["live.game-17"]
    await feed.leave(STREAM, listeners[1])
    assert list(layer.groups) == []


class HangingLayer(InMemoryChannelLayer):
    """A Redis that accepts connections and never answers."""

    attempts = 0

    async def group_add(self, group: str, channel: str) -> None:
        self.attempts += 1
        await asyncio.Event().wait()


async def test_only_the_first_socket_waits_for_a_hanging_layer(
    feed: LiveFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_feed, "LAYER_SECONDS", 0.05)
    monkeypatch.setattr(live_feed, "RESYNC_SECONDS", 3600)
    feed.layer = layer = HangingLayer()
    await asyncio.gather(*(feed.join(STREAM, Listener(Frames().deliver, 0)) for _ in range(20)))
    assert layer.attempts == 1
