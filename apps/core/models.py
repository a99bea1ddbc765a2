import json
from typing import ClassVar

from django.conf import settings
from django.db import models


class Stream(models.Model):
    """The head of a stream of events. Its row is the lock under which the stream grows."""

    name = models.CharField(max_length=64, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    verified_at = models.DateTimeField(null=True, db_index=True)
    bad_seq = models.PositiveBigIntegerField(null=True)  # the first that did not verify

    def __str__(self) -> str:
        return f"{self.name}@{self.seq}"


class EventRecord(models.Model):
    """What happened, for good: audit trail, order of the live feed and source of replays.

    `digest` is an HMAC over the record and the digest before it, so that a record that was changed,
    removed or swapped no longer fits.
    """

    stream = models.ForeignKey(Stream, models.PROTECT, db_index=False, related_name="events")
    seq = models.PositiveBigIntegerField()
    name = models.CharField(max_length=64)
    data = models.JSONField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_constraint=False, related_name="+"
    )
    request_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_seq_once_per_stream")
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}#{self.seq} {self.name}"

    def as_json(self) -> str:
        """The event as its listeners get it."""
        event = {"type": "event", "seq": self.seq, "name": self.name, "data": self.data}
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({**event, "at": at}, separators=(",", ":"))
