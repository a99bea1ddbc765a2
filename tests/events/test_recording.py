"""A committed event reaches all five signals; a rolled back event reaches none."""

import asyncio
import json
import logging
from typing import Any

import pytest
import sentry_sdk
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from apps.core import context
from apps.events import recording
from apps.events.exceptions import NotInTransaction
from apps.events.models import EventRecord, Stream
from tests import samples
from tests.events.example import STREAM, GameWon, records
from tests.sentry_capture import Capture

WON = GameWon(game_id=17, moves=30, winner={"id": 5, "username": "secretive"})


class Signals:
    """The signals since this was created."""

    def __init__(self, caplog: pytest.LogCaptureFixture, sentry: Capture) -> None:
        self._caplog, self._sentry = caplog, sentry
        caplog.set_level(logging.INFO)
        self._layer = get_channel_layer()
        self._channel = async_to_sync(self._layer.new_channel)()
        async_to_sync(self._layer.group_add)("live.game-17", self._channel)
        self._count_before = samples.value("example_games_won_total") or 0

    def counted(self) -> float:
        return (samples.value("example_games_won_total") or 0) - self._count_before

    def logged(self) -> list[Any]:
        return [record for record in self._caplog.records if hasattr(record, "event")]

    def sentry_event(self) -> dict[str, Any]:
        sentry_sdk.capture_message("an error after the event")
        event: dict[str, Any] = self._sentry.events()[-1]
        return event

    def breadcrumbs(self) -> list[Any]:
        crumbs = self.sentry_event().get("breadcrumbs", {"values": []})["values"]
        return [crumb for crumb in crumbs if crumb["category"] == WON.name]

    def broadcast(self) -> list[Any]:
        return async_to_sync(self._received)()

    async def _received(self) -> list[Any]:
        messages = []
        try:
            while True:
                messages.append(await asyncio.wait_for(self._layer.receive(self._channel), 0.2))
        except TimeoutError:
            return messages


@pytest.fixture
def signals(db: None, caplog: pytest.LogCaptureFixture, sent_to_sentry: Capture) -> Signals:
    return Signals(caplog, sent_to_sentry)


def test_a_commit_reaches_all_five_signals(signals: Signals, commit: Any, settings: Any) -> None:
    settings.SENTRY_TAGS = ("moves",)
    with context.bound(request_id="the-request", user_id=5):
        with commit(), transaction.atomic():
            recording.record(WON)
        assert signals.sentry_event()["tags"]["moves"] == "30"
        [crumb] = signals.breadcrumbs()
    [row] = records()
    assert (row.seq, row.name, row.data) == (1, "game.won", WON.data())
    assert (row.request_id, row.actor_id) == ("the-request", 5)
    assert signals.counted() == 1
    [line] = signals.logged()
    assert (line.message, line.event, line.name) == ("Game won", "game.won", GameWon.__module__)
    assert (line.moves, line.winner_id, line.user_id) == (30, 5, 5)
    assert crumb["data"] == {"game_id": 17, "moves": 30, "winner_id": 5}
    assert "secretive" not in str(vars(line)) + str(crumb)
    [message] = signals.broadcast()
    assert (message["stream"], message["seq"]) == (STREAM, 1)
    assert json.loads(message["frame"]) == json.loads(row.as_json())


def test_a_rolled_back_event_reaches_no_signal(signals: Signals, commit: Any) -> None:
    with commit(), transaction.atomic():
        recording.record(WON)
        transaction.set_rollback(True)
    seen = (records(), signals.counted(), signals.logged(), signals.breadcrumbs())
    assert (*seen, signals.broadcast()) == ([], 0, [], [], [])
    assert not Stream.objects.exists()


def test_the_actor_is_logged_without_a_signed_in_user(signals: Signals, commit: Any) -> None:
    class Declared(GameWon):
        def actor_id(self) -> int:
            return 5

    with commit(), transaction.atomic():
        recording.record(Declared(game_id=17, moves=1))
    assert [line.user_id for line in signals.logged()] == [5]


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_an_error() -> None:
    with pytest.raises(NotInTransaction, match=r"game\.won"):
        recording.record(WON)
    assert not EventRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_reaction_rolls_the_event_back() -> None:
    class Lost(GameWon):
        name = "game.lost"

    @recording.reacts_to(Lost)
    def fail(event: Lost) -> None:
        raise LookupError(event.game_id)

    with pytest.raises(LookupError), transaction.atomic():
        recording.record(Lost(game_id=17, moves=1))
    assert not EventRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_hook_is_logged_and_later_hooks_run(caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def fails(number: int) -> None:
        raise ValueError(number)

    with transaction.atomic():
        Stream.objects.create(name="kept")
        recording.after_commit(fails, 7)
        recording.after_commit(called.append, "next")
    assert called == ["next"]
    assert Stream.objects.filter(name="kept").exists()
    [line] = [line for line in caplog.records if line.levelno == logging.ERROR]
    assert "fails" in line.getMessage()
    assert line.exc_info
