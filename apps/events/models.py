import json
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Stream(models.Model):
    """The head of a stream of events. Its row is the lock under which the stream grows; the
    database lets it grow only, one event at a time."""

    name = models.CharField(max_length=64, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    anchored_seq = models.PositiveBigIntegerField(default=0)  # the last head told to the log
    verified_at = models.DateTimeField(null=True, db_index=True)
    bad_seq = models.PositiveBigIntegerField(null=True)  # the first that did not verify

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["name"],
                condition=Q(seq__gt=F("anchored_seq")),
                name="stream_to_be_anchored",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.seq}"


class EventRecord(models.Model):
    """What happened, for good: audit trail, order of the live feed and source of replays.

    `digest` is an HMAC over the record and the digest before it, so that a record that was changed,
    removed or swapped no longer fits. The database refuses to change or remove one, but for what a
    checkpoint says is exported. `address`, `before` and `after` are for the audit trail only.
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
    address = models.CharField(max_length=64, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    version = models.PositiveSmallIntegerField(default=1)  # of what the digest is over
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_seq_once_per_stream")
        ]
        indexes: ClassVar = [  # what the admin's page searches by, newest first
            models.Index(fields=["name", "id"], name="event_by_name"),
            models.Index(fields=["request_id"], name="event_by_request"),
            models.Index(fields=["address", "id"], name="event_by_address"),
            models.Index(fields=["at"], name="event_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}#{self.seq} {self.name}"

    def as_json(self) -> str:
        """The event as its listeners get it."""
        event = {"type": "event", "seq": self.seq, "name": self.name, "data": self.data}
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({**event, "at": at}, separators=(",", ":"))


class Checkpoint(models.Model):
    """Where a stream's chain goes on after what was before it has been exported and removed.

    Up to `seq`, whose digest this keeps, the stream's records are in the export whose manifest has
    this `export` as its signature. Signed, as a checkpoint of somebody else's would hide a removal.
    """

    stream = models.ForeignKey(Stream, models.PROTECT, related_name="checkpoints")
    seq = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    export = models.CharField(max_length=64)
    at = models.DateTimeField()
    signature = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="checkpoint_once_per_seq")
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}#{self.seq} exported"
