"""Removes exported records. The database refuses to remove a record without a checkpoint."""

from django.db import transaction
from django.utils import timezone

from apps.events.audit import chain, keys
from apps.events.audit.exports import NotExported, Span
from apps.events.models import Checkpoint, EventRecord

BATCH = 1000


def prune(spans: list[Span], export: str) -> int:
    """Returns the number of removed records. `export` is the signature of an export that was just
    read. After an interruption, run it again."""
    for span in spans:
        _create_checkpoint(span, export)
    return sum(_remove(span) for span in spans)


@transaction.atomic
def _create_checkpoint(span: Span, export: str) -> None:
    start = chain.start_of(span.stream)
    if start.seq >= span.end:
        return
    if (start.seq, start.digest, start.signed) != (span.start, span.previous, True):
        raise NotExported(f"{span.stream} starts at another entry than the export")
    last = EventRecord.objects.filter(stream_id=span.stream, seq=span.end)
    if last.values_list("digest", flat=True).first() != span.digest:
        raise NotExported(f"{span.stream}#{span.end} differs from the exported record")
    checkpoint = Checkpoint(
        stream_id=span.stream, seq=span.end, digest=span.digest, export=export, at=timezone.now()
    )
    checkpoint.signature = keys.sign(chain.checkpoint_content(checkpoint))
    checkpoint.save(force_insert=True)


def _remove(span: Span) -> int:
    """In batches, as one long transaction would block all writers."""
    removed = 0
    for last in range(span.start + BATCH, span.end + BATCH, BATCH):
        due = EventRecord.objects.filter(stream_id=span.stream, seq__lte=min(last, span.end))
        removed += due.delete()[0]
    return removed
