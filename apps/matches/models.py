from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.matches.formats.slots import Stage

USER = settings.AUTH_USER_MODEL
ENTRANT = "tournaments.Registration"
MAX_EVIDENCE = 1000


class Match(models.Model):
    """One meeting of two entrants. `round` counts from 1 within its stage and group, `position`
    from 0 within the round; `winner_to` and `loser_to` say where each of the two plays on."""

    class Status(models.TextChoices):
        PENDING = "pending"  # an entrant is still to be found out, or the round before is on
        READY = "ready"
        REPORTED = "reported"  # by one side, for the other to answer
        DISPUTED = "disputed"  # for the organizer to decide
        COMPLETED = "completed"

    class Outcome(models.TextChoices):
        PLAYED = "played"
        FORFEIT = "forfeit"
        NO_SHOW = "no_show"
        DECIDED = "decided"

    OPEN: ClassVar = [Status.READY, Status.REPORTED, Status.DISPUTED]
    NOT_BEGUN: ClassVar = [Status.PENDING, Status.READY]

    tournament = models.ForeignKey("tournaments.Tournament", models.PROTECT, related_name="matches")
    stage = models.CharField(
        max_length=12, choices=[(stage.value, stage.value) for stage in Stage], default="winners"
    )
    group = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    winner_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    winner_slot = models.PositiveSmallIntegerField(null=True)
    loser_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    loser_slot = models.PositiveSmallIntegerField(null=True)

    entrant_a = models.ForeignKey(ENTRANT, models.PROTECT, null=True, related_name="+")
    entrant_b = models.ForeignKey(ENTRANT, models.PROTECT, null=True, related_name="+")
    score_a = models.PositiveSmallIntegerField(null=True)
    score_b = models.PositiveSmallIntegerField(null=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    outcome = models.CharField(max_length=8, choices=Outcome, default="", blank=True)
    reported_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    winner = models.ForeignKey(ENTRANT, models.PROTECT, null=True, related_name="+")

    scheduled_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    forfeit_at = models.DateTimeField(null=True, help_text="When silence is taken for an answer.")

    class Meta:
        ordering: ClassVar = ["stage", "group", "round", "position"]
        verbose_name_plural = "matches"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tournament", "stage", "group", "round", "position"],
                name="match_once_per_place",
            ),
            models.CheckConstraint(
                condition=Q(entrant_a__isnull=True) | ~Q(entrant_a=F("entrant_b")),
                name="match_has_two_entrants",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="completed") & (Q(winner=F("entrant_a")) | Q(winner=F("entrant_b")))
                )
                | (~Q(status="completed") & Q(winner__isnull=True)),
                name="match_completed_has_a_winner",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "forfeit_at"], name="match_forfeits"),
            models.Index(fields=["status", "scheduled_at"], name="match_reminders"),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}: {self.stage}, round {self.round}, position {self.position}"

    @property
    def score(self) -> list[int] | None:
        if self.score_a is None or self.score_b is None:
            return None
        return [self.score_a, self.score_b]


class Report(models.Model):
    """What one side says the score was, in the order of the match's entrants: for good."""

    match = models.ForeignKey(Match, models.PROTECT, related_name="reports")
    entrant = models.ForeignKey(ENTRANT, models.PROTECT, related_name="+")
    reporter = models.ForeignKey(USER, models.PROTECT, related_name="+")
    score_a = models.PositiveSmallIntegerField()
    score_b = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["match", "entrant"], name="report_once_per_side")
        ]

    def __str__(self) -> str:
        return f"match {self.match_id}: {self.score_a}-{self.score_b}"


class Dispute(models.Model):
    """The two sides do not agree. `resolved_by` is who decided, or gave in."""

    match = models.OneToOneField(Match, models.PROTECT, related_name="dispute")
    opened_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, db_index=True)
    note = models.CharField(max_length=MAX_EVIDENCE, default="", blank=True)

    def __str__(self) -> str:
        return f"dispute over match {self.match_id}"


class Evidence(models.Model):
    """What one side says about a dispute: for good."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="evidence")
    entrant = models.ForeignKey(ENTRANT, models.PROTECT, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    text = models.CharField(max_length=MAX_EVIDENCE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name_plural = "evidence"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dispute", "entrant"], name="evidence_once_per_side")
        ]

    def __str__(self) -> str:
        return f"evidence of user {self.author_id} in {self.dispute_id}"
