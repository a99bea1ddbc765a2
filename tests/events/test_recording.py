"""One event, every signal: all five where it commits, none where it does not."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sentry_sdk
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from apps.accounts.types import Person
from apps.core import context
from apps.events import recording
from apps.events.exceptions import NotInTransaction
from apps.events.models import EventRecord, Stream
from apps.matches.events import MatchCompleted
from tests import samples
from tests.sentry_capture import Kept

Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]
STREAM = "tournament:17"
WINNER: Person = {"id": 5, "username": "secretive"}
WON = MatchCompleted(
    tournament_id=17,
    match_id=3,
    stage="winners",
    group=0,
    round=1,
    position=0,
    score=[2, 1],
    entrants=[],
    winner=WINNER,
    winner_entrant={"id": 8, "name": "secretive", "player": WINNER, "team": None},
    outcome="played",
    game_title="VALORANT",
    final=False,
)


class Signals:
    """What each of the five shows of what happened since this was made."""

    def __init__(self, caplog: pytest.LogCaptureFixture, kept: Kept) -> None:
        self._caplog, self._kept = caplog, kept
        caplog.set_level(logging.INFO)
        self._layer = get_channel_layer()
        self._channel = async_to_sync(self._layer.new_channel)()
        async_to_sync(self._layer.group_add)("live.tournament-17", self._channel)
        self._counted = self._count()

    def audit(self) -> list[EventRecord]:
        return list(EventRecord.objects.filter(stream_id=STREAM).order_by("seq"))

    def counted(self) -> float:
        return self._count() - self._counted

    def logged(self) -> list[Any]:
        return [one for one in self._caplog.records if hasattr(one, "event")]

    def breadcrumbs(self) -> list[Any]:
        sentry_sdk.capture_message("what led here?")
        found = self._kept.events()[-1].get("breadcrumbs", {"values": []})["values"]
        return [crumb for crumb in found if crumb["category"] == WON.name]

    def broadcast(self) -> list[Any]:
        return async_to_sync(self._received)()

    async def _received(self) -> list[Any]:
        found = []
        try:
            while True:
                found.append(await asyncio.wait_for(self._layer.receive(self._channel), 0.2))
        except TimeoutError:
            return found

    def _count(self) -> float:
        titled = {"game_title": "VALORANT"}
        labels = [{"tournament_id": name, **titled} for name in ("17", "other")]
        return sum(samples.value("matches_completed_total", **one) or 0 for one in labels)


@pytest.fixture
def signals(db: None, caplog: pytest.LogCaptureFixture, sent_to_sentry: Kept) -> Signals:
    return Signals(caplog, sent_to_sentry)


def test_what_committed_is_seen_by_all_five(
    signals: Signals, django_capture_on_commit_callbacks: Capture
) -> None:
    with context.bound(request_id="the-request", user_id=5):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            recording.record(WON)
        [crumb] = signals.breadcrumbs()
    [row] = signals.audit()
    assert (row.seq, row.name, row.data) == (1, "match.completed", WON.data())
    assert (row.request_id, row.actor_id) == ("the-request", 5)
    assert signals.counted() == 1
    [line] = signals.logged()
    assert (line.message, line.event) == ("Match completed", "match.completed")
    assert (line.match_id, line.winner_id, line.user_id) == (3, 5, 5)
    assert crumb["data"]["match_id"] == 3
    [message] = signals.broadcast()
    assert (message["stream"], message["seq"]) == (STREAM, 1)
    assert json.loads(message["frame"]) == json.loads(row.as_json())


def test_the_log_line_names_the_actor_that_only_the_event_knows(
    signals: Signals, django_capture_on_commit_callbacks: Capture
) -> None:
    class Declared(MatchCompleted):
        def actor_id(self) -> int:
            return 5

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        recording.record(Declared(**WON.data()))
    assert [line.user_id for line in signals.logged()] == [5]


def test_what_was_rolled_back_is_seen_by_none(
    signals: Signals, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        recording.record(WON)
        transaction.set_rollback(True)
    found = (signals.audit(), signals.counted(), signals.logged(), signals.breadcrumbs())
    assert (*found, signals.broadcast()) == ([], 0, [], [], [])
    assert not Stream.objects.exists()


def test_names_of_people_stay_out_of_logs_and_breadcrumbs(
    signals: Signals, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        recording.record(WON)
    assert "secretive" not in str(vars(signals.logged()[0]))
    assert "secretive" not in str(signals.breadcrumbs())


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded() -> None:
    with pytest.raises(NotInTransaction, match=r"match\.completed"):
        recording.record(WON)
    assert not EventRecord.objects.exists()


@pytest.mark.django_db
def test_a_stream_is_read_in_order_from_any_place() -> None:
    for _ in range(5):
        with transaction.atomic():
            recording.record(WON)
    assert recording.head(STREAM) == 5
    assert recording.head("tournament:18") == 0
    assert [one.seq for one in recording.since(STREAM, 2)] == [3, 4, 5]
    assert [one.seq for one in recording.since(STREAM, 0, limit=2)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_reaction_that_fails_takes_the_event_with_it() -> None:
    """The final of a tournament that does not exist crowns nobody."""
    final = MatchCompleted(**{**WON.data(), "final": True})
    with pytest.raises(Exception, match="does not exist"), transaction.atomic():
        recording.record(final)
    assert not EventRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_fails_after_the_commit_is_logged_and_keeps_nothing_from_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    called: list[str] = []

    def fails(number: int) -> None:
        raise ValueError(number)

    with transaction.atomic():
        Stream.objects.create(name="kept")
        recording.after_commit(fails, 7)
        recording.after_commit(called.append, "after it")
    assert called == ["after it"]
    assert Stream.objects.filter(name="kept").exists()
    [line] = [line for line in caplog.records if line.levelno == logging.ERROR]
    assert "fails" in line.getMessage()
    assert line.exc_info
