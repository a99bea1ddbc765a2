"""The digest of a record. It covers the record and the digest before it, which makes the chain."""

from typing import Any

from apps.events.audit import keys
from apps.events.models import EventRecord


def digest(previous: str, record: EventRecord) -> str:
    return keys.sign(_content(previous, record))


def verify(previous: str, record: EventRecord) -> bool:
    return keys.verify(_content(previous, record), record.digest)


def _content(previous: str, record: EventRecord) -> list[Any]:
    return [
        previous,
        record.stream_id,
        record.seq,
        record.name,
        record.data,
        record.at.isoformat(),
        record.actor_id,
        record.request_id,
        record.address,
        record.before,
        record.after,
    ]
