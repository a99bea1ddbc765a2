"""Signed exports of old records. Only exported records can be pruned.

FILE has one record per line, as JSON, stream by stream. FILE.manifest is written last. It names the
records, contains the SHA-256 of FILE and is signed.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from django.db.models import Min

from apps.events.audit import chain, digests, keys
from apps.events.models import EventRecord, Stream

FORMAT = 1
FIELDS = ("seq", "name", "data", "actor_id", "request_id", "address", "before", "after", "digest")


class NotExported(Exception):
    """The export is missing or invalid."""


class Span(NamedTuple):
    """Records of a stream: from `start`, exclusive, to `end`, inclusive. `previous` is the digest
    at `start`."""

    stream: str
    start: int
    previous: str
    end: int
    digest: str


def manifest_of(file: Path) -> Path:
    return file.with_name(file.name + ".manifest")


def write(file: Path, *, before: datetime) -> list[Span]:
    """Raises NotExported if the file exists or a stream does not verify. An interrupted export has
    no manifest, and is invalid without it."""
    if file.exists() or manifest_of(file).exists():
        raise NotExported(f"{file} already exists")
    with _atomic(file) as output:
        spans = [span for name in _streams(before) if (span := _write_stream(output, name, before))]
        output.flush()
        _verify(Path(output.name), spans)
    content = {
        "format": FORMAT,
        "before": before.isoformat(),
        "sha256": _sha256(file),
        "streams": [list(span) for span in spans],
    }
    with _atomic(manifest_of(file)) as output:
        json.dump(content | {"signature": keys.sign(content)}, output)
    return spans


def read(file: Path) -> tuple[list[Span], str]:
    """The spans of an export, and its signature. Raises NotExported if the export is incomplete,
    has an invalid signature, or contains a broken chain."""
    try:
        manifest = json.loads(manifest_of(file).read_text())
        signature = manifest.pop("signature")
        spans = [Span(*span) for span in manifest["streams"]]
        if not keys.verify(manifest, signature):
            raise NotExported(f"{manifest_of(file)} has an invalid signature")
        if _sha256(file) != manifest["sha256"]:
            raise NotExported(f"{file} does not match its manifest")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotExported(f"{file} or its manifest cannot be read: {error}") from error
    _verify(file, spans)
    return spans, signature


def _streams(before: datetime) -> Iterable[str]:
    old = EventRecord.objects.filter(at__lt=before)
    streams = Stream.objects.filter(name__in=old.values("stream_id")).order_by("name")
    return streams.values_list("name", flat=True)


def _write_stream(output: TextIO, stream: str, before: datetime) -> Span | None:
    """Writes the records up to the first record with a later date."""
    start = chain.start_of(stream)
    records = EventRecord.objects.filter(stream_id=stream, seq__gt=start.seq)
    first_kept = records.filter(at__gte=before).aggregate(seq=Min("seq"))["seq"]
    due = records if first_kept is None else records.filter(seq__lt=first_kept)
    last = None
    for record in due.order_by("seq").iterator(chunk_size=500):
        output.write(json.dumps(_as_dict(record)) + "\n")
        last = record
    if last is None:
        return None
    return Span(stream, start.seq, start.digest, last.seq, last.digest)


def _as_dict(record: EventRecord) -> dict[str, Any]:
    fields = {name: getattr(record, name) for name in FIELDS}
    return {"stream": record.stream_id, "at": record.at.isoformat()} | fields


def _verify(file: Path, spans: list[Span]) -> None:
    """Reads the file and verifies its chains. Raises NotExported."""
    with file.open(encoding="ascii") as lines:
        for span in spans:
            previous = span.previous
            for seq in range(span.start + 1, span.end + 1):
                record = _from_json(next(lines, "{}"))
                is_next = (record.stream_id, record.seq) == (span.stream, seq)
                if not is_next or not digests.verify(previous, record):
                    raise NotExported(f"{span.stream}#{seq} does not verify")
                previous = record.digest
            if previous != span.digest:
                raise NotExported(f"{span.stream}#{span.end} does not verify")
        if next(lines, None) is not None:
            raise NotExported(f"{file} has more records than its manifest")


def _from_json(line: str) -> EventRecord:
    values = json.loads(line)
    fields = {name: values.get(name) for name in FIELDS}
    at = datetime.fromisoformat(values.get("at", "0001-01-01"))
    return EventRecord(stream_id=values.get("stream"), at=at, **fields)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _atomic(file: Path) -> Iterator[TextIO]:
    """Survives a power failure: the file is complete, or absent."""
    draft = file.with_name(file.name + ".partial")
    with draft.open("w", encoding="ascii") as output:
        yield output
        output.flush()
        os.fsync(output.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
