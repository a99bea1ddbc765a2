"""The hub: what is live goes to whoever listens in this process."""

import asyncio
import json
import logging
import time

import pytest
from channels.layers import InMemoryChannelLayer
from django.db import transaction
from django.utils import timezone

from apps.core import thread_pool
from apps.events import live_feed, recording
from apps.events.audit import pruning
from apps.events.audit.exports import Span
from apps.events.exceptions import BrokenStream
from apps.events.live_feed import Entry, Listener, LiveFeed
from apps.events.models import EventRecord, Stream
from apps.tournaments.events import TournamentStarted

STREAM = "tournament:1"


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_cannot_be_given_anything_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    frames: list[str] = []

    async def is_gone(frame: str) -> None:
        raise ConnectionResetError(frame)

    async def reads(frame: str) -> None:
        frames.append(frame)

    hub = LiveFeed()
    gone, others = Listener(is_gone, 0), [Listener(reads, 0) for _ in range(8)]
    hub.listeners[STREAM] = {gone, *others}
    with caplog.at_level(logging.ERROR):
        await hub.fan_out(STREAM, Entry(1, "created", time.time()))
    assert frames == ["created"] * 8
    assert gone.seq == 0
    assert "Live event could not be delivered" in caplog.text


@pytest.mark.django_db(transaction=True)
async def test_who_is_told_live_while_it_is_told_what_it_missed_misses_nothing() -> None:
    def happened() -> None:
        stream = Stream.objects.create(name=STREAM, seq=1)
        EventRecord.objects.create(
            stream=stream, seq=1, name="created", data={}, at=timezone.now(), request_id="-"
        )

    async def two_more() -> None:
        """As soon as the first is being read."""
        reading = thread_pool._threads()
        while not reading._jobs:
            await asyncio.sleep(0)
        for seq in (1, 2):
            await hub.fan_out(STREAM, Entry(seq, str(seq), time.time()))

    frames: list[str] = []

    async def reads(frame: str) -> None:
        frames.append(frame)

    await thread_pool.query(happened)
    hub, listener = LiveFeed(), Listener(reads, 0)
    await asyncio.gather(hub.join(STREAM, listener), two_more())
    assert len(frames) == 2  # the first by either way
    assert (frames[1], listener.seq) == ("2", 2)
    for task in hub._tasks:
        task.cancel()


@pytest.mark.django_db(transaction=True)
async def test_who_asks_for_what_was_exported_and_removed_is_given_what_is_left() -> None:
    def exported() -> None:
        for entrants in range(3):
            with transaction.atomic():
                recording.record(TournamentStarted(tournament_id=1, entrants=entrants, rounds=1))
        second = EventRecord.objects.get(stream=STREAM, seq=2)
        pruning.prune([Span(STREAM, 0, "", 2, second.digest)], "an export's signature")

    frames: list[str] = []

    async def reads(frame: str) -> None:
        frames.append(frame)

    await thread_pool.query(exported)
    hub, listener = LiveFeed(), Listener(reads, 0)
    await hub.join(STREAM, listener)
    assert [json.loads(frame)["seq"] for frame in frames] == [3]
    for task in hub._tasks:
        task.cancel()


@pytest.mark.django_db(transaction=True)
async def test_a_record_that_is_missing_for_no_such_reason_ends_the_feed() -> None:
    def removed() -> None:
        stream = Stream.objects.create(name=STREAM, seq=2)
        EventRecord.objects.create(
            stream=stream, seq=2, name="created", data={}, at=timezone.now(), request_id="-"
        )

    async def reads(frame: str) -> None:
        raise AssertionError(frame)

    await thread_pool.query(removed)
    hub = LiveFeed()
    with pytest.raises(BrokenStream):
        await hub.join(STREAM, Listener(reads, 0))
    for task in hub._tasks:
        task.cancel()


@pytest.mark.django_db(transaction=True)
async def test_the_last_listener_of_a_stream_leaves_its_group() -> None:
    async def reads(frame: str) -> None:
        raise AssertionError(frame)

    hub, listeners = LiveFeed(), [Listener(reads, 0) for _ in range(2)]
    hub.layer = layer = InMemoryChannelLayer()
    for listener in listeners:
        await hub.join(STREAM, listener)
    await hub.leave(STREAM, listeners[0])
    assert list(layer.groups) == ["live.tournament-1"]
    await hub.leave(STREAM, listeners[1])
    assert list(layer.groups) == []
    for task in hub._tasks:
        task.cancel()


class HangingLayer(InMemoryChannelLayer):
    """A Redis that keeps its connections and answers nothing."""

    attempts = 0

    async def group_add(self, group: str, channel: str) -> None:
        self.attempts += 1
        await asyncio.Event().wait()


@pytest.mark.django_db(transaction=True)
async def test_a_layer_that_hangs_is_waited_for_once_and_not_by_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_feed, "LAYER_SECONDS", 0.05)
    monkeypatch.setattr(live_feed, "RESYNC_SECONDS", 3600)

    async def reads(frame: str) -> None:
        raise AssertionError(frame)

    hub = LiveFeed()
    hub.layer = layer = HangingLayer()
    await asyncio.gather(*(hub.join(STREAM, Listener(reads, 0)) for _ in range(20)))
    assert layer.attempts == 1
    for task in hub._tasks:
        task.cancel()
