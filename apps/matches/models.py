from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import User
from apps.matches.formats.slots import Key, Stage
from apps.matches.types import Entrant, Registration

USER = settings.AUTH_USER_MODEL
ENTRANT = "tournaments.Registration"
MAX_EVIDENCE = 1000  # characters
MAX_SCORE = 999


class Side(NamedTuple):
    entrant: Registration | None
    score: int | None
    won: bool


class Match(models.Model):
    """`round` counts from 1 within its stage and group, `position` from 0 within the round. Winner
    and loser play next in `winner_to` and `loser_to`, on side 0 (a) or 1 (b)."""

    class Status(models.TextChoices):
        PENDING = "pending", "Upcoming"  # waits for an entrant, or for the round before
        READY = "ready", "Ready to play"
        REPORTED = "reported", "Awaiting confirmation"  # of the other side
        DISPUTED = "disputed"  # until the organizer decides
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
    winner_side = models.PositiveSmallIntegerField(null=True)
    loser_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    loser_side = models.PositiveSmallIntegerField(null=True)

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
    forfeit_at = models.DateTimeField(null=True, help_text="The no-show timer.")

    class Meta:
        ordering: ClassVar = ["stage", "group", "round", "position"]
        verbose_name_plural = "matches"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tournament", "stage", "group", "round", "position"],
                name="match_once_per_slot",
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
    def key(self) -> Key:
        return Key(Stage(self.stage), self.group, self.round, self.position)

    @property
    def sides(self) -> list[Side]:
        sides = ((self.entrant_a, self.score_a), (self.entrant_b, self.score_b))
        return [
            Side(entrant, score, won=entrant is not None and entrant.pk == self.winner_id)
            for entrant, score in sides
        ]

    @property
    def entrants(self) -> list[Registration]:
        return [entrant for entrant in (self.entrant_a, self.entrant_b) if entrant is not None]

    def as_entrants(self) -> list[Entrant]:
        """The entrants as events contain them."""
        return [entrant.as_entrant() for entrant in self.entrants]

    def side_of(self, user: User | None) -> Registration | None:
        """The entrant for whom the user acts."""
        sides = (entrant for entrant in self.entrants if user and entrant.player_id == user.pk)
        return next(sides, None)

    @property
    def score(self) -> list[int] | None:
        if self.score_a is None or self.score_b is None:
            return None
        return [self.score_a, self.score_b]


class Report(models.Model):
    """The score that one side reported, in the order of the match's entrants. Never changed."""

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
    """The two sides disagree. `resolved_by` decided it, or forfeited."""

    match = models.OneToOneField(Match, models.PROTECT, related_name="dispute")
    opened_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, db_index=True)
    note = models.CharField(max_length=MAX_EVIDENCE, default="", blank=True)

    def __str__(self) -> str:
        return f"dispute over match {self.match_id}"


class Evidence(models.Model):
    """A statement of one side in a dispute. Never changed."""

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
