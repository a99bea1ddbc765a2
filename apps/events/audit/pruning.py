"""Removes what an export has. A checkpoint says where each chain goes on: the database refuses to
remove a record that none stands for."""

from django.db import transaction
from django.utils import timezone

from apps.events.audit import chain, keys
from apps.events.audit.exports import NotExported, Span
from apps.events.models import Checkpoint, EventRecord

BATCH = 1000


def prune(spans: list[Span], export: str) -> int:
    """Returns how many records were removed. `export` is the signature of an export that was just
    read. Killed at any moment, what is left is removed by its next run."""
    for span in spans:
        _checkpoint(span, export)
    return sum(_remove(span) for span in spans)


@transaction.atomic
def _checkpoint(span: Span, export: str) -> None:
    start = chain.start_of(span.stream)
    if start.seq >= span.end:
        return
    if (start.seq, start.digest, start.signed) != (span.start, span.previous, True):
        raise NotExported(f"{span.stream} does not begin where the export does")
    kept = EventRecord.objects.filter(stream_id=span.stream, seq=span.end)
    if kept.values_list("digest", flat=True).first() != span.digest:
        raise NotExported(f"{span.stream}#{span.end} is not the one that was exported")
    checkpoint = Checkpoint(
        stream_id=span.stream, seq=span.end, digest=span.digest, export=export, at=timezone.now()
    )
    checkpoint.signature = keys.sign(chain.checkpoint_content(checkpoint))
    checkpoint.save(force_insert=True)


def _remove(span: Span) -> int:
    """In batches: a transaction over a year of records would keep all others waiting."""
    removed = 0
    for last in range(span.start + BATCH, span.end + BATCH, BATCH):
        due = EventRecord.objects.filter(stream_id=span.stream, seq__lte=min(last, span.end))
        removed += due.delete()[0]
    return removed
