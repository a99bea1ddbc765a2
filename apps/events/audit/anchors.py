"""Anchors: the heads of streams, signed and written to the log.

Without an anchor, deleting the end of a stream together with its head stays unnoticed. Keep the
log on another machine than the database.
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
HEADS_PER_LINE = 50  # the log formatter's limit for a list
MAX_LINES = 20  # per run


class InvalidSignature(Exception):
    """A log line claims to be an anchor, but its signature is invalid."""


class Anchor(NamedTuple):
    stream: str
    seq: int
    digest: str

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}={self.digest}"

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        stream, _, rest = text.rpartition("#")
        seq, _, digest = rest.partition("=")
        return cls(stream, int(seq), digest)


def anchor_heads() -> int:
    """Logs the heads that have grown since their last anchor, and returns their number.

    Logs a head again if the process dies before it is marked. Marks nothing if the logger discards
    INFO.
    """
    anchored = 0
    while anchored < HEADS_PER_LINE * MAX_LINES and logger.isEnabledFor(logging.INFO):
        heads = _grown_heads()
        if heads:
            _log(heads)
        anchored += len(heads)
        if len(heads) < HEADS_PER_LINE:
            break
    return anchored


def _grown_heads() -> list[Anchor]:
    grown = Stream.objects.filter(seq__gt=F("anchored_seq")).order_by("name")
    return [Anchor(*head) for head in grown.values_list("name", "seq", "digest")[:HEADS_PER_LINE]]


def _log(heads: list[Anchor]) -> None:
    texts = [str(head) for head in heads]
    extra = {"event": EVENT, "heads": texts, "digest": keys.sign(["anchor", texts])}
    logger.info("Audit heads anchored", extra=extra)
    for head in heads:
        behind = Stream.objects.filter(name=head.stream, anchored_seq__lt=head.seq)
        behind.update(anchored_seq=head.seq)


def read(lines: Iterable[str]) -> Iterator[Anchor]:
    """The anchors in a log. Lines may have a prefix; other lines are skipped. Raises
    InvalidSignature with the line's number."""
    for number, line in enumerate(lines, 1):
        if EVENT in line:
            try:
                yield from _parse(line)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise InvalidSignature(f"line {number}") from None


def _parse(line: str) -> list[Anchor]:
    entry = json.loads(line[line.index("{") :])
    if entry.get("event") != EVENT:  # another line that contains the text
        return []
    if not keys.verify(["anchor", entry["heads"]], entry["digest"]):
        raise ValueError("signature")
    return [Anchor.parse(head) for head in entry["heads"]]


def check(anchor: Anchor) -> Fault | None:
    """Compares the stream with the anchor. None if they agree."""
    records = EventRecord.objects.filter(stream_id=anchor.stream)
    digest = records.filter(seq=anchor.seq).values_list("digest", flat=True).first()
    start = chain.start_of(anchor.stream)
    if digest is None and start.seq == anchor.seq:
        digest = start.digest
    if digest is None and start.seq < anchor.seq:
        last = records.order_by("-seq").values_list("seq", flat=True).first()
        return Fault(min(last or start.seq, anchor.seq - 1) + 1, Kind.CUT_OFF)
    if digest is not None and digest != anchor.digest:
        return Fault(anchor.seq, Kind.REWRITTEN)
    return None
