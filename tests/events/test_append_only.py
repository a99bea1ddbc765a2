"""The database refuses to change the audit trail."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.events import recording
from apps.events.audit import chain
from apps.events.models import Checkpoint, EventRecord, Stream
from tests.events.example import STREAM, win

REFUSED = "the audit trail is append-only"


@pytest.fixture(autouse=True)
def _two_events(db: None) -> None:
    win()
    win()


def is_refused(statement: str) -> None:
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
def test_records_and_heads_can_be_neither_changed_nor_removed(statement: str) -> None:
    is_refused(statement)


def test_a_head_can_advance_and_be_marked_verified_and_anchored() -> None:
    head = Stream.objects.filter(name=STREAM)
    head.update(verified_at=timezone.now(), bad_seq=1, anchored_seq=2)
    win()
    assert recording.head(STREAM) == 3
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        head.update(anchored_seq=1)


def test_a_checkpoint_needs_its_record_and_cannot_be_changed() -> None:
    values = {"stream_id": STREAM, "seq": 2, "export": "", "at": timezone.now(), "signature": ""}
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        Checkpoint.objects.create(digest="0" * 64, **values)
    Checkpoint.objects.create(digest=EventRecord.objects.get(seq=2).digest, **values)
    for change in (lambda: Checkpoint.objects.update(seq=1), Checkpoint.objects.all().delete):
        with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
            change()


def test_replacing_a_row_is_refused_like_an_update() -> None:
    columns = "id, stream_id, seq, name, data, at, request_id, address, digest"
    again = f"SELECT {columns.replace('name', repr('x'))} FROM events_eventrecord WHERE seq = 2"
    heads = "events_stream (name, seq, digest, anchored_seq)"
    if connection.vendor == "sqlite":
        is_refused(f"INSERT OR REPLACE INTO events_eventrecord ({columns}) {again}")
        is_refused(f"INSERT OR REPLACE INTO {heads} VALUES ('{STREAM}', 1, '', 0)")
    else:
        conflict = "ON CONFLICT (id) DO UPDATE SET name = 'x'"
        is_refused(f"INSERT INTO events_eventrecord ({columns}) {again} {conflict}")
        conflict = "ON CONFLICT (name) DO UPDATE SET seq = 1"
        is_refused(f"INSERT INTO {heads} VALUES ('{STREAM}', 1, '', 0) {conflict}")


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["events_eventrecord", "events_stream", "events_checkpoint"])
def test_postgres_refuses_to_truncate(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")
    assert EventRecord.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_djangos_flush_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Django's own `sql_flush`: the suite's drops the triggers to empty tables after tests."""
    with monkeypatch.context() as outside:
        suite: Any = type(connection.ops).sql_flush
        outside.setattr(type(connection.ops), "sql_flush", suite.__wrapped__)
        with pytest.raises(CommandError):
            call_command("flush", interactive=False, verbosity=0)
    assert EventRecord.objects.count() == 2
