import json
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Stream(models.Model):
    """The head of a stream of events. Recording an event locks its row. The database allows it only
    to advance, by one event at a time."""

    name = models.CharField(max_length=64, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    anchored_seq = models.PositiveBigIntegerField(default=0)  # the last head in the log
    verified_at = models.DateTimeField(null=True, db_index=True)
    bad_seq = models.PositiveBigIntegerField(null=True)  # the first wrong entry

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
    """An immutable event: the audit trail, the order of the live feed and the source of replays.

    `digest` is an HMAC over the record and the previous digest: a changed, removed or swapped
    record does not verify. The database allows removing a record only below a checkpoint.
    `address`, `before` and `after` are for the audit trail only.
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
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_seq_once_per_stream")
        ]
        indexes: ClassVar = [  # for the searches of the admin page, newest first
            models.Index(fields=["name", "id"], name="event_by_name"),
            models.Index(fields=["request_id"], name="event_by_request"),
            models.Index(fields=["address", "id"], name="event_by_address"),
            models.Index(fields=["at"], name="event_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}#{self.seq} {self.name}"

    def as_json(self) -> str:
        """The event as listeners receive it."""
        event = {"type": "event", "seq": self.seq, "name": self.name, "data": self.data}
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({**event, "at": at}, separators=(",", ":"))


class Checkpoint(models.Model):
    """The start of a stream's chain after its older records were exported and pruned.

    The records up to `seq` are in the export whose manifest has the signature `export`. The
    checkpoint is signed, as a forged one would hide a removal.
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
