"""The hash chain over a stream's events."""

import hashlib
import hmac
import json
import logging
import time
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.core.models import EventRecord, Stream

logger = logging.getLogger(__name__)

VERIFY_SECONDS = 5.0
VERIFY_STREAMS = 5000


def key() -> bytes:
    return salted_hmac("apps.core.chain", "events", algorithm="sha256").digest()


def digest(previous: str, record: EventRecord) -> str:
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
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key(), text.encode(), hashlib.sha256).hexdigest()


def first_bad(stream: str) -> int | None:
    """The seq of the first record that does not fit the chain, or None. Reads the whole stream."""
    head = Stream.objects.filter(name=stream).first()
    previous, expected = "", 1
    records = EventRecord.objects.filter(stream_id=stream).order_by("seq")
    for record in records.iterator(chunk_size=500):
        fits = hmac.compare_digest(record.digest, digest(previous, record))
        if record.seq != expected or not fits:
            return expected
        if head is not None and record.seq == head.seq and record.digest != head.digest:
            return expected
        previous, expected = record.digest, expected + 1
    return expected if head is not None and expected <= head.seq else None


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
    bad = first_bad(name)
    if bad is not None:
        logger.error("Audit chain broken", extra={"stream": name, "seq": bad})
    Stream.objects.filter(name=name).update(verified_at=timezone.now(), bad_seq=bad)
