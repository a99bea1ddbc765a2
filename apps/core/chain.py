"""The hash chain over a stream's events."""

import hashlib
import hmac
import json
from typing import Any

from django.utils.crypto import salted_hmac

from apps.core.models import EventRecord, Stream


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
    head = Stream.objects.filter(name=stream).values_list("seq", flat=True).first() or 0
    previous, expected = "", 1
    records = EventRecord.objects.filter(stream_id=stream).order_by("seq")
    for record in records.iterator(chunk_size=500):
        fits = hmac.compare_digest(record.digest, digest(previous, record))
        if record.seq != expected or not fits:
            return expected
        previous, expected = record.digest, expected + 1
    return expected if expected <= head else None
