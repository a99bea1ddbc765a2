"""Verifies the hash chain of a stream and finds its first wrong entry."""

import logging
import time
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils import timezone

from apps.events.audit import digests, keys
from apps.events.models import Checkpoint, EventRecord, Stream

logger = logging.getLogger(__name__)

VERIFY_SECONDS = 5.0
MAX_STREAMS = 5000
SWAP_SEARCH_RECORDS = 1000


class Kind(StrEnum):
    EDITED = "does not match its digest"
    REMOVED = "is missing"
    SWAPPED = "was swapped with another entry"
    CUT_OFF = "and all later entries are missing"
    HEAD = "does not match the head of its stream"
    CHECKPOINT = "has a checkpoint with an invalid signature"
    REWRITTEN = "does not match its anchor in the log"


class Fault(NamedTuple):
    """The first wrong entry of a stream."""

    seq: int
    kind: Kind

    def __str__(self) -> str:
        return f"#{self.seq} {self.kind}"


class Start(NamedTuple):
    """The last pruned entry: only its digest is kept."""

    seq: int
    digest: str
    signed: bool = True


def checkpoint_content(checkpoint: Checkpoint) -> list[Any]:
    identity = [checkpoint.stream_id, checkpoint.seq, checkpoint.digest, checkpoint.export]
    return ["checkpoint", *identity, checkpoint.at.isoformat()]


def start_of(stream: str) -> Start:
    """The last checkpoint of the stream, or entry 0."""
    last = Checkpoint.objects.filter(stream_id=stream).order_by("-seq").first()
    if last is None:
        return Start(0, "")
    return Start(last.seq, last.digest, keys.verify(checkpoint_content(last), last.signature))


def first_fault(stream: str) -> Fault | None:
    """None for a valid chain. Reads the whole stream."""
    start = start_of(stream)
    fault = _walk(stream, start)
    if fault is not None and start_of(stream) != start:  # pruned meanwhile
        return first_fault(stream)
    return fault


def _walk(stream: str, start: Start) -> Fault | None:
    if not start.signed:
        return Fault(start.seq, Kind.CHECKPOINT)
    head = Stream.objects.filter(name=stream).first()
    previous, expected = start.digest, start.seq + 1
    for record in _records(stream, after=start.seq).iterator(chunk_size=500):
        if record.seq != expected:
            return Fault(expected, Kind.REMOVED)
        if not digests.verify(previous, record):
            return Fault(expected, _edited_or_swapped(previous, record))
        previous, expected = record.digest, expected + 1
        if head is not None and record.seq == head.seq and record.digest != head.digest:
            return Fault(record.seq, Kind.HEAD)
    return _head_fault(head, previous, expected - 1)


def _head_fault(head: Stream | None, last_digest: str, last: int) -> Fault | None:
    """`last` may be above the head, which was read first."""
    if head is None:
        return Fault(last, Kind.HEAD) if last else None
    if max(head.seq, head.anchored_seq) > last:
        return Fault(last + 1, Kind.CUT_OFF)
    if head.seq == last and head.digest != last_digest:
        return Fault(last, Kind.HEAD)
    return None


def _edited_or_swapped(previous: str, wrong: EventRecord) -> Kind:
    """SWAPPED if a later record fits in the place of the wrong record."""
    for record in _records(wrong.stream_id, after=wrong.seq)[:SWAP_SEARCH_RECORDS]:
        record.seq = wrong.seq
        if digests.verify(previous, record):
            return Kind.SWAPPED
    return Kind.EDITED


def _records(stream: str, *, after: int) -> QuerySet[EventRecord]:
    return EventRecord.objects.filter(stream_id=stream, seq__gt=after).order_by("seq")


def verify_oldest(*, seconds: float = VERIFY_SECONDS) -> int:
    """Verifies streams for the given time, those with the oldest verification first. Returns the
    number of broken streams."""
    deadline = time.monotonic() + seconds
    due = Stream.objects.order_by(F("verified_at").asc(nulls_first=True), "name")
    for name in list(due.values_list("name", flat=True)[:MAX_STREAMS]):
        if time.monotonic() > deadline:
            break
        _verify(name)
    return Stream.objects.filter(bad_seq__isnull=False).count()


def _verify(name: str) -> None:
    fault = first_fault(name)
    if fault is not None:
        logger.error(
            "Audit chain broken",
            extra={"stream": name, "seq": fault.seq, "fault": fault.kind.name.lower()},
        )
    bad = None if fault is None else fault.seq
    Stream.objects.filter(name=name).update(verified_at=timezone.now(), bad_seq=bad)
