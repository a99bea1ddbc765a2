from typing import Any

import pytest

from apps.core import context
from apps.events.audit import chain
from apps.events.audit.chain import Kind
from apps.events.models import EventRecord, Stream
from apps.events.tasks import audit_verify
from tests import samples
from tests.events.example import STREAM, records, win
from tests.trigger_bypass import triggers_disabled


@pytest.fixture(autouse=True)
def _five_events(db: None) -> None:
    for moves in range(5):
        win(moves=moves)


def edit(seq: int, **change: Any) -> None:
    with triggers_disabled():
        EventRecord.objects.filter(stream=STREAM, seq=seq).update(**change)


def remove(*seqs: int) -> None:
    with triggers_disabled():
        EventRecord.objects.filter(stream=STREAM, seq__in=seqs).delete()


def test_an_unchanged_stream_verifies() -> None:
    assert chain.first_fault(STREAM) is None
    assert chain.first_fault("game:without-events") is None


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"moves": 99}},
        {"name": "game.canceled"},
        {"actor_id": 1},
        {"request_id": "another"},
        {"address": "198.51.100.7"},
        {"before": {"moves": 7}},
        {"after": {"moves": 7}},
        {"at": "2026-01-01T00:00:00Z"},
        {"digest": "0" * 64},
        {"digest": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_record_is_detected(change: dict[str, object]) -> None:
    edit(3, **change)
    assert chain.first_fault(STREAM) == (3, Kind.EDITED)


@pytest.mark.parametrize(
    ("seqs", "kind"), [([1], Kind.REMOVED), ([4], Kind.REMOVED), ([4, 5], Kind.CUT_OFF)]
)
def test_removed_records_are_detected(seqs: list[int], kind: Kind) -> None:
    remove(*seqs)
    assert chain.first_fault(STREAM) == (seqs[0], kind)


@pytest.mark.parametrize(("first", "second"), [(2, 3), (1, 5)])
def test_two_swapped_records_are_detected(first: int, second: int) -> None:
    pks = {record.seq: record.pk for record in records()}
    with triggers_disabled():
        for pk, seq in ((pks[first], 100), (pks[second], first), (pks[first], second)):
            EventRecord.objects.filter(pk=pk).update(seq=seq)
    assert chain.first_fault(STREAM) == (first, Kind.SWAPPED)


def test_a_record_of_another_stream_is_detected() -> None:
    win(18)
    remove(1)
    with triggers_disabled():
        EventRecord.objects.filter(stream="game:18").update(stream=STREAM)
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)


def test_a_head_that_differs_from_the_last_record_is_detected() -> None:
    with triggers_disabled():
        Stream.objects.filter(name=STREAM).update(digest="0" * 64)
    assert chain.first_fault(STREAM) == (5, Kind.HEAD)


def test_a_changed_key_verifies_as_long_as_the_old_key_is_a_fallback(settings: Any) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)
    settings.SECRET_KEY_FALLBACKS = [old]
    win()
    assert chain.first_fault(STREAM) is None
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = "audit" * 10, [settings.SECRET_KEY, old]
    win()
    assert chain.first_fault(STREAM) is None
    settings.AUDIT_KEY_FALLBACKS = []
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)


def test_actor_address_and_changed_values_are_in_the_audit_trail_only() -> None:
    with context.bound(client="203.0.113.9", user_id=5, request_id="the-request"):
        win(before={"capacity": 8}, after={"capacity": 4711})
    last = records()[-1]
    assert (last.address, last.actor_id, last.request_id) == ("203.0.113.9", 5, "the-request")
    assert (last.before, last.after) == ({"capacity": 8}, {"capacity": 4711})
    assert "203.0.113.9" not in last.as_json()
    assert "4711" not in last.as_json()


def test_the_task_stores_the_result_and_updates_it_after_a_repair() -> None:
    assert audit_verify() == 0
    data = records()[2].data
    edit(3, data={"moves": 99})
    assert audit_verify() == 1
    assert Stream.objects.get(name=STREAM).bad_seq == 3
    assert samples.value("audit_broken_streams") == 1
    edit(3, data=data)
    assert audit_verify() == 0
    assert samples.value("audit_broken_streams") == 0


def test_verification_stops_when_its_time_is_up() -> None:
    Stream.objects.create(name="zzz")
    chain.verify_oldest(seconds=-1)
    assert not Stream.objects.filter(verified_at__isnull=False).exists()
    chain.verify_oldest()
    assert not Stream.objects.filter(verified_at__isnull=True).exists()
