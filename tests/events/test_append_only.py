"""The database refuses to change the audit trail, whoever asks."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.events import recording
from apps.events.audit import chain
from apps.events.models import Checkpoint, EventRecord, Stream
from apps.tournaments.events import TournamentStarted

STREAM = "tournament:17"
REFUSED = "the audit trail is append-only"


@pytest.fixture(autouse=True)
def _two_events(db: None) -> None:
    with transaction.atomic():
        for number in (1, 2):
            recording.record(TournamentStarted(tournament_id=17, entrants=number, rounds=1))


def refused(statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match=REFUSED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert EventRecord.objects.count() == 2
    assert chain.first_fault(STREAM) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_eventrecord SET name = 'x'",
        "UPDATE events_eventrecord SET address = '198.51.100.7' WHERE seq = 2",
        "DELETE FROM events_eventrecord",
        "DELETE FROM events_eventrecord WHERE seq = 2",
        "UPDATE events_stream SET seq = 1",
        "UPDATE events_stream SET seq = 4",
        "UPDATE events_stream SET digest = 'x'",
        "UPDATE events_stream SET name = 'x'",
        "UPDATE events_stream SET anchored_seq = 2, seq = 0",
        "UPDATE events_stream SET anchored_seq = 1000000",
        "DELETE FROM events_stream",
    ],
)
def test_what_is_recorded_is_neither_changed_nor_removed(statement: str) -> None:
    refused(statement)


def test_a_head_still_grows_is_verified_and_anchored() -> None:
    Stream.objects.filter(name=STREAM).update(verified_at=timezone.now(), bad_seq=1, anchored_seq=2)
    with transaction.atomic():
        recording.record(TournamentStarted(tournament_id=17, entrants=3, rounds=1))
    assert recording.head(STREAM) == 3
    refused_to_forget = Stream.objects.filter(name=STREAM)
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        refused_to_forget.update(anchored_seq=1)


def test_a_checkpoint_stands_for_a_record_that_is_there_only() -> None:
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        Checkpoint.objects.create(
            stream_id=STREAM, seq=2, digest="0" * 64, export="", at=timezone.now(), signature=""
        )


def test_a_checkpoint_stays_as_it_is() -> None:
    last = EventRecord.objects.get(seq=2)
    mark = Checkpoint.objects.create(
        stream_id=STREAM, seq=2, digest=last.digest, export="", at=timezone.now(), signature=""
    )
    for change in (
        lambda: Checkpoint.objects.update(seq=1),
        lambda: Checkpoint.objects.filter(pk=mark.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
            change()


def test_writing_over_a_row_is_refused_as_a_change_of_it() -> None:
    columns = "id, stream_id, seq, name, data, at, request_id, address, version, digest"
    again = f"SELECT {columns.replace('name', repr('x'))} FROM events_eventrecord WHERE seq = 2"
    heads = "events_stream (name, seq, digest, anchored_seq)"
    if connection.vendor == "sqlite":
        refused(f"INSERT OR REPLACE INTO events_eventrecord ({columns}) {again}")
        refused(f"INSERT OR REPLACE INTO {heads} VALUES ('{STREAM}', 1, '', 0)")
    else:
        over = "DO UPDATE SET name = 'x'"
        refused(f"INSERT INTO events_eventrecord ({columns}) {again} ON CONFLICT (id) {over}")
        over = "DO UPDATE SET seq = 1"
        refused(f"INSERT INTO {heads} VALUES ('{STREAM}', 1, '', 0) ON CONFLICT (name) {over}")


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["events_eventrecord", "events_stream", "events_checkpoint"])
def test_postgres_truncates_nothing(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")
    assert EventRecord.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_nor_does_djangos_own_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is outside of this suite, which empties its tables after each test like this one."""
    with monkeypatch.context() as outside:
        suite: Any = type(connection.ops).sql_flush
        outside.setattr(type(connection.ops), "sql_flush", suite.__wrapped__)
        with pytest.raises(CommandError):
            call_command("flush", interactive=False, verbosity=0)
    assert EventRecord.objects.count() == 2
