"""Whoever changes the past is found out."""

from typing import Any

import pytest
from django.db import transaction

from apps.core import context
from apps.events import recording
from apps.events.audit import chain
from apps.events.audit.chain import Kind
from apps.events.models import EventRecord, Stream
from apps.events.tasks import audit_verify
from apps.tournaments.events import TournamentStarted
from tests import samples
from tests.trigger_bypass import unguarded

STREAM = "tournament:17"


def happens(number: int, stream: int = 17, **change: Any) -> None:
    with transaction.atomic():
        started = TournamentStarted(tournament_id=stream, entrants=number, rounds=1)
        recording.record(started, **change)


@pytest.fixture(autouse=True)
def _five_events(db: None) -> None:
    for number in range(5):
        happens(number)


def records() -> list[EventRecord]:
    return list(EventRecord.objects.filter(stream=STREAM).order_by("seq"))


def edit(seq: int, **change: Any) -> None:
    with unguarded():
        EventRecord.objects.filter(stream=STREAM, seq=seq).update(**change)


def remove(seq: int) -> None:
    with unguarded():
        EventRecord.objects.filter(stream=STREAM, seq=seq).delete()


def test_an_untouched_stream_fits() -> None:
    assert chain.first_fault(STREAM) is None
    assert chain.first_fault("tournament:without-events") is None


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"entrants": 99}},
        {"name": "tournament.cancelled"},
        {"actor_id": 1},
        {"request_id": "another"},
        {"address": "198.51.100.7"},
        {"before": {"entrants": 7}},
        {"after": {"entrants": 7}},
        {"version": 1},
        {"digest": "0" * 64},
        {"digest": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_record_is_found(change: dict[str, object]) -> None:
    edit(3, **change)
    assert chain.first_fault(STREAM) == (3, Kind.EDITED)


def test_a_moved_date_is_found() -> None:
    edit(5, at=records()[0].at)
    assert chain.first_fault(STREAM) == (5, Kind.EDITED)


@pytest.mark.parametrize("seq", [1, 3, 4])
def test_a_removed_record_is_found(seq: int) -> None:
    remove(seq)
    assert chain.first_fault(STREAM) == (seq, Kind.REMOVED)


def test_records_cut_off_from_the_end_are_found() -> None:
    remove(5)
    remove(4)
    assert chain.first_fault(STREAM) == (4, Kind.CUT_OFF)


@pytest.mark.parametrize(("one", "other"), [(2, 3), (1, 5)])
def test_two_swapped_records_are_found(one: int, other: int) -> None:
    first, second = records()[one - 1], records()[other - 1]
    with unguarded():
        for seq, place in ((100, first), (one, second), (other, first)):
            EventRecord.objects.filter(pk=place.pk).update(seq=seq)
    assert chain.first_fault(STREAM) == (one, Kind.SWAPPED)


def test_a_record_lifted_from_another_stream_is_found() -> None:
    happens(1, stream=18)
    remove(1)
    with unguarded():
        EventRecord.objects.filter(stream="tournament:18").update(stream=STREAM)
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)


def test_a_head_that_does_not_fit_its_last_record_is_found() -> None:
    with unguarded():
        Stream.objects.filter(name=STREAM).update(digest="0" * 64)
    assert chain.first_fault(STREAM) == (5, Kind.HEAD)


def test_who_has_not_the_key_cannot_write_a_digest(settings: Any) -> None:
    settings.SECRET_KEY = "another" * 10
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)


def test_a_changed_key_breaks_nothing_where_the_old_one_is_a_fallback(settings: Any) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    settings.SECRET_KEY_FALLBACKS = [old]
    happens(6)
    assert chain.first_fault(STREAM) is None
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = "its own" * 10, [settings.SECRET_KEY, old]
    happens(7)
    assert chain.first_fault(STREAM) is None
    settings.AUDIT_KEY_FALLBACKS = []
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)


def test_a_record_of_before_there_were_addresses_still_fits() -> None:
    """As it stood in the table then: without an address, and a digest over the rest."""
    with unguarded():
        EventRecord.objects.filter(stream=STREAM).exclude(seq=1).delete()
        [first] = records()
        first.version, first.address = 1, ""
        first.digest = chain.digest("", first)
        first.save()
        Stream.objects.filter(name=STREAM).update(seq=1, digest=first.digest)
    happens(2)
    assert chain.first_fault(STREAM) is None
    edit(1, address="198.51.100.7")
    assert chain.first_fault(STREAM) == (1, Kind.EDITED)


def test_who_from_where_and_what_changed_are_kept_for_the_audit_trail_alone() -> None:
    with context.bound(client="203.0.113.9", user_id=5, request_id="the-request"):
        happens(6, before={"capacity": 8}, after={"capacity": 4711})
    last = records()[-1]
    assert (last.address, last.actor_id, last.request_id) == ("203.0.113.9", 5, "the-request")
    assert (last.before, last.after) == ({"capacity": 8}, {"capacity": 4711})
    assert "203.0.113.9" not in last.as_json()
    assert "4711" not in last.as_json()


def test_the_verifier_remembers_what_is_broken_and_tells_when_it_is_mended() -> None:
    assert audit_verify() == 0
    kept = records()[2].data
    edit(3, data={"entrants": 99})
    assert audit_verify() == 1
    assert Stream.objects.get(name=STREAM).bad_seq == 3
    assert samples.value("audit_broken_streams") == 1
    edit(3, data=kept)
    assert audit_verify() == 0
    assert samples.value("audit_broken_streams") == 0


def test_the_verifier_goes_on_where_it_had_no_more_time() -> None:
    Stream.objects.create(name="zzz")
    chain.verify_oldest(seconds=-1)
    assert not Stream.objects.filter(verified_at__isnull=False).exists()
    chain.verify_oldest()
    assert not Stream.objects.filter(verified_at__isnull=True).exists()
