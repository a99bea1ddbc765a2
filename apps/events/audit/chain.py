"""The hash chain over a stream's events: what a record's digest is, and the first that is wrong."""

import logging
import time
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils import timezone

from apps.events.audit import keys
from apps.events.models import Checkpoint, EventRecord, Stream

logger = logging.getLogger(__name__)

VERSION = 2
BEFORE_VERSIONS = [1, "", None, None]  # digests of then know nothing of these
VERIFY_SECONDS = 5.0
VERIFY_STREAMS = 5000
SEARCHED = 1000  # records in which a swapped one is looked for


class Kind(StrEnum):
    EDITED = "is not what was recorded there"
    REMOVED = "is missing"
    SWAPPED = "was exchanged with another"
    CUT_OFF = "and what followed it are missing from the end"
    HEAD = "is not the one that the stream's head says"
    CHECKPOINT = "is where a checkpoint stands that we did not sign"
    REWRITTEN = "is another than when it was anchored in the log"


class Fault(NamedTuple):
    """The first entry of a stream that is wrong."""

    seq: int
    kind: Kind

    def __str__(self) -> str:
        return f"#{self.seq} {self.kind}"


class Start(NamedTuple):
    """The last entry of which only the digest is kept."""

    seq: int
    digest: str
    signed: bool = True


def digest(previous: str, record: EventRecord) -> str:
    return keys.sign(_content(previous, record))


def fits(previous: str, record: EventRecord) -> bool:
    return keys.fits(_content(previous, record), record.digest)


def _content(previous: str, record: EventRecord) -> list[Any]:
    content: list[Any] = [
        previous,
        record.stream_id,
        record.seq,
        record.name,
        record.data,
        record.at.isoformat(),
        record.actor_id,
        record.request_id,
    ]
    later = [record.version, record.address, record.before, record.after]
    return content if later == BEFORE_VERSIONS else content + later


def checkpoint_content(checkpoint: Checkpoint) -> list[Any]:
    told = [checkpoint.stream_id, checkpoint.seq, checkpoint.digest, checkpoint.export]
    return ["checkpoint", *told, checkpoint.at.isoformat()]


def start_of(stream: str) -> Start:
    """Where the stream's chain begins: at nothing, or at its last checkpoint."""
    last = Checkpoint.objects.filter(stream_id=stream).order_by("-seq").first()
    if last is None:
        return Start(0, "")
    return Start(last.seq, last.digest, keys.fits(checkpoint_content(last), last.signature))


def first_fault(stream: str) -> Fault | None:
    """The first entry that does not fit the chain, or None. Reads the whole stream."""
    start = start_of(stream)
    fault = _walk(stream, start)
    if fault is not None and start_of(stream) != start:  # exported and removed as we read
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
        if not fits(previous, record):
            return Fault(expected, _kind(previous, record))
        previous, expected = record.digest, expected + 1
        if head is not None and record.seq == head.seq and record.digest != head.digest:
            return Fault(record.seq, Kind.HEAD)
    return _fault_of_head(head, previous, expected - 1)


def _fault_of_head(head: Stream | None, last_digest: str, last: int) -> Fault | None:
    """The records may be further on than the head, which was read before them."""
    if head is None:
        return Fault(last, Kind.HEAD) if last else None
    if max(head.seq, head.anchored_seq) > last:
        return Fault(last + 1, Kind.CUT_OFF)
    if head.seq == last and head.digest != last_digest:
        return Fault(last, Kind.HEAD)
    return None


def _kind(previous: str, misfit: EventRecord) -> Kind:
    """Whether what belongs where the misfit is stands further on."""
    for record in _records(misfit.stream_id, after=misfit.seq)[:SEARCHED]:
        record.seq = misfit.seq
        if fits(previous, record):
            return Kind.SWAPPED
    return Kind.EDITED


def _records(stream: str, *, after: int) -> QuerySet[EventRecord]:
    return EventRecord.objects.filter(stream_id=stream, seq__gt=after).order_by("seq")


def verify_oldest(*, seconds: float = VERIFY_SECONDS) -> int:
    """Verifies streams for so many seconds, each once, beginning with the one that was not verified
    for longest. Returns how many are known to be broken."""
    deadline = time.monotonic() + seconds
    due = Stream.objects.order_by(F("verified_at").asc(nulls_first=True), "name")
    for name in list(due.values_list("name", flat=True)[:VERIFY_STREAMS]):
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
