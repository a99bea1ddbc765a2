"""Heads of streams, told to the log: who cuts off a stream's end, its head and all, is found out by
what the log says the stream had.

A line is signed, so that nobody without the key can write one. The log has to be kept elsewhere
than the database, which is what logs are for anyway.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import F

from apps.events.audit import chain, keys
from apps.events.audit.chain import Fault, Kind
from apps.events.models import EventRecord, Stream

logger = logging.getLogger(__name__)

EVENT = "audit.anchored"
HEADS = 50  # in a line: as many as one may list
LINES = 20  # in a turn; what is left has the next


class NotOurs(Exception):
    """A line says that it is an anchor, and was not signed by us."""


class Anchor(NamedTuple):
    stream: str
    seq: int
    digest: str

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}={self.digest}"

    @classmethod
    def read(cls, text: str) -> "Anchor":
        stream, _, rest = text.rpartition("#")
        seq, _, digest = rest.partition("=")
        return cls(stream, int(seq), digest)


def anchor_heads() -> int:
    """Tells the heads that grew since they were told last, of so many streams. Returns how many.
    Killed between the line and the note that it was written, it tells them again.

    Where the log takes no INFO, no head counts as told.
    """
    told = 0
    while told < HEADS * LINES and logger.isEnabledFor(logging.INFO):
        heads = _grown()[:HEADS]
        _tell(heads)
        told += len(heads)
        if len(heads) < HEADS:
            break
    return told


def _grown() -> list[Anchor]:
    grown = Stream.objects.filter(seq__gt=F("anchored_seq")).order_by("name")
    return [Anchor(*head) for head in grown.values_list("name", "seq", "digest")[:HEADS]]


def _tell(heads: list[Anchor]) -> None:
    if not heads:
        return
    words = [str(head) for head in heads]
    extra = {"event": EVENT, "heads": words, "digest": keys.sign(_content(words))}
    logger.info("Audit heads anchored", extra=extra)
    for head in heads:
        behind = Stream.objects.filter(name=head.stream, anchored_seq__lt=head.seq)
        behind.update(anchored_seq=head.seq)


def _content(words: list[str]) -> list[object]:
    return ["anchor", words]


def read(lines: Iterable[str]) -> Iterator[Anchor]:
    """The anchors in lines of a log, which may have other lines, and a name before each. Raises
    NotOurs, naming the line."""
    for number, line in enumerate(lines, 1):
        if EVENT in line:
            yield from _of_line(line, number)


def _of_line(line: str, number: int) -> list[Anchor]:
    try:
        said = json.loads(line[line.index("{") :])
        if said.get("event") != EVENT:  # a line about anchors
            return []
        if not keys.fits(_content(said["heads"]), said["digest"]):
            raise NotOurs(f"line {number}")
        return [Anchor.read(head) for head in said["heads"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotOurs(f"line {number}") from None


def fault(anchor: Anchor) -> Fault | None:
    """What is wrong with the stream by what the log says it had, or None."""
    records = EventRecord.objects.filter(stream_id=anchor.stream)
    found = records.filter(seq=anchor.seq).values_list("digest", flat=True).first()
    start = chain.start_of(anchor.stream)
    if found is None and start.seq == anchor.seq:
        found = start.digest
    if found is None and start.seq < anchor.seq:
        last = records.order_by("-seq").values_list("seq", flat=True).first()
        return Fault(min(last or start.seq, anchor.seq - 1) + 1, Kind.CUT_OFF)
    if found is not None and found != anchor.digest:
        return Fault(anchor.seq, Kind.REWRITTEN)
    return None
