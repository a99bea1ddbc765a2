"""Records of before a date, in a file that proves itself: what may be removed from the database
afterwards, and no other way.

FILE has a record a line, as JSON, stream by stream. FILE.manifest, which is written last, says
which records these are, the digest of the whole, and is signed.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Min

from apps.events.audit import chain, keys
from apps.events.models import EventRecord, Stream

FORMAT = 1
FIELDS = ("seq", "name", "data", "actor_id", "request_id", "address", "before", "after",
          "version", "digest")  # fmt: skip


class NotExported(Exception):
    """Why there is no export, or why what is there is none."""


class Span(NamedTuple):
    """The records of a stream after `start`, whose digest is `previous`, up to `end`."""

    stream: str
    start: int
    previous: str
    end: int
    digest: str


def manifest_of(file: Path) -> Path:
    return file.with_name(file.name + ".manifest")


def write(file: Path, *, before: datetime) -> list[Span]:
    """Raises NotExported where the file is there already, or a stream does not verify. Killed at
    any moment it leaves no manifest, and without one nothing is an export."""
    if file.exists() or manifest_of(file).exists():
        raise NotExported(f"{file} is there already")
    partial = file.with_name(file.name + ".partial")
    with partial.open("w", encoding="ascii") as lines:
        spans = [span for name in _streams(before) if (span := _write(lines, name, before))]
        lines.flush()
        os.fsync(lines.fileno())
    content = {"format": FORMAT, "before": before.isoformat(), "sha256": _sha256(partial),
               "streams": [list(span) for span in spans]}  # fmt: skip
    _proven(partial, spans)
    partial.replace(file)
    _write_safely(manifest_of(file), content | {"signature": keys.sign(content)})
    return spans


def read(file: Path) -> tuple[list[Span], str]:
    """The spans of an export and the signature that stands for it. Raises NotExported where it is
    not whole, not ours, or says what no chain of ours did."""
    try:
        manifest = json.loads(manifest_of(file).read_text())
        signature = manifest.pop("signature")
        spans = [Span(*span) for span in manifest["streams"]]
        if not keys.fits(manifest, signature):
            raise NotExported(f"{manifest_of(file)} was not signed by us")
        if _sha256(file) != manifest["sha256"]:
            raise NotExported(f"{file} is not what its manifest says")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise NotExported(f"{file} and its manifest cannot be read: {fault}") from fault
    _proven(file, spans)
    return spans, signature


def _streams(before: datetime) -> Iterable[str]:
    old = EventRecord.objects.filter(at__lt=before)
    return Stream.objects.filter(name__in=old.values("stream_id")).order_by("name").values_list(
        "name", flat=True
    )  # fmt: skip


def _write(lines: Any, stream: str, before: datetime) -> Span | None:
    """Those that come before the first which is to stay, whatever their own dates say."""
    start = chain.start_of(stream)
    records = EventRecord.objects.filter(stream_id=stream, seq__gt=start.seq)
    stays = records.filter(at__gte=before).aggregate(seq=Min("seq"))["seq"]
    due = records if stays is None else records.filter(seq__lt=stays)
    last = None
    for record in due.order_by("seq").iterator(chunk_size=500):
        lines.write(json.dumps(_told(record)) + "\n")
        last = record
    if last is None:
        return None
    return Span(stream, start.seq, start.digest, last.seq, last.digest)


def _told(record: EventRecord) -> dict[str, Any]:
    told = {name: getattr(record, name) for name in FIELDS}
    return {"stream": record.stream_id, "at": record.at.isoformat()} | told


def _proven(file: Path, spans: list[Span]) -> None:
    """Reads the file and follows the chain through it. Raises NotExported."""
    with file.open(encoding="ascii") as lines:
        for span in spans:
            previous = span.previous
            for seq in range(span.start + 1, span.end + 1):
                record = _record(next(lines, "{}"))
                is_next = (record.stream_id, record.seq) == (span.stream, seq)
                if not is_next or not chain.fits(previous, record):
                    raise NotExported(f"{span.stream}#{seq} does not verify")
                previous = record.digest
            if previous != span.digest:
                raise NotExported(f"{span.stream}#{span.end} does not verify")
        if next(lines, None) is not None:
            raise NotExported(f"{file} has more than its manifest says")


def _record(line: str) -> EventRecord:
    said = json.loads(line)
    fields = {name: said.get(name) for name in FIELDS}
    at = datetime.fromisoformat(said.get("at", "0001-01-01"))
    return EventRecord(stream_id=said.get("stream"), at=at, **fields)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write_safely(file: Path, content: dict[str, Any]) -> None:
    """All of it or nothing, also where the power goes."""
    draft = file.with_name(file.name + ".partial")
    with draft.open("w", encoding="ascii") as output:
        json.dump(content, output)
        output.flush()
        os.fsync(output.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
