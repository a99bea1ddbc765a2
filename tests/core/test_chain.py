"""Whoever changes the past is found out."""

import pytest
from django.db import transaction

from apps.core import chain, events
from apps.core.models import EventRecord, Stream
from apps.core.tasks import audit_verify
from apps.tournaments.events import TournamentStarted
from tests import samples

STREAM = "tournament:17"


@pytest.fixture(autouse=True)
def _five_events(db: None) -> None:
    for number in range(5):
        with transaction.atomic():
            events.record(TournamentStarted(tournament_id=17, entrants=number, rounds=1))


def records() -> list[EventRecord]:
    return list(EventRecord.objects.filter(stream=STREAM).order_by("seq"))


def test_an_untouched_stream_fits() -> None:
    assert chain.first_bad(STREAM) is None
    assert chain.first_bad("tournament:without-events") is None


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"entrants": 99}},
        {"name": "tournament.cancelled"},
        {"actor_id": 1},
        {"request_id": "another"},
        {"digest": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_record_is_found(change: dict[str, object]) -> None:
    EventRecord.objects.filter(stream=STREAM, seq=3).update(**change)
    assert chain.first_bad(STREAM) == 3


def test_a_moved_date_is_found() -> None:
    first, *_, last = records()
    EventRecord.objects.filter(pk=last.pk).update(at=first.at)
    assert chain.first_bad(STREAM) == 5


@pytest.mark.parametrize("seq", [1, 3, 4])
def test_a_removed_record_is_found(seq: int) -> None:
    EventRecord.objects.filter(stream=STREAM, seq=seq).delete()
    assert chain.first_bad(STREAM) == seq


def test_a_removed_last_record_is_found() -> None:
    EventRecord.objects.filter(stream=STREAM, seq=5).delete()
    assert chain.first_bad(STREAM) == 5


def test_two_swapped_records_are_found() -> None:
    second, third = records()[1:3]
    for seq, place in ((100, second), (2, third), (3, second)):
        EventRecord.objects.filter(pk=place.pk).update(seq=seq)
    assert chain.first_bad(STREAM) == 2


def test_a_record_lifted_from_another_stream_is_found() -> None:
    with transaction.atomic():
        events.record(TournamentStarted(tournament_id=18, entrants=1, rounds=1))
    EventRecord.objects.filter(stream=STREAM, seq=1).delete()
    EventRecord.objects.filter(stream="tournament:18").update(stream=STREAM)
    assert chain.first_bad(STREAM) == 1


def test_who_has_not_the_key_cannot_write_a_digest(settings: object) -> None:
    settings.SECRET_KEY = "another" * 10  # type: ignore[attr-defined]
    assert chain.first_bad(STREAM) == 1


def test_a_head_that_does_not_fit_its_last_record_is_found() -> None:
    Stream.objects.filter(name=STREAM).update(digest="0" * 64)
    assert chain.first_bad(STREAM) == 5


def test_the_verifier_remembers_what_is_broken_and_tells_when_it_is_mended() -> None:
    assert audit_verify() == 0
    kept = EventRecord.objects.get(stream=STREAM, seq=3).data
    EventRecord.objects.filter(stream=STREAM, seq=3).update(data={"entrants": 99})
    assert audit_verify() == 1
    assert Stream.objects.get(name=STREAM).bad_seq == 3
    assert samples.value("audit_broken_streams") == 1
    EventRecord.objects.filter(stream=STREAM, seq=3).update(data=kept)
    assert audit_verify() == 0
    assert samples.value("audit_broken_streams") == 0


def test_the_verifier_goes_on_where_it_had_no_more_time() -> None:
    Stream.objects.create(name="zzz")
    chain.verify_oldest(seconds=-1)
    assert not Stream.objects.filter(verified_at__isnull=False).exists()
    chain.verify_oldest()
    assert not Stream.objects.filter(verified_at__isnull=True).exists()
