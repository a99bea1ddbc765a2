from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

USER = settings.AUTH_USER_MODEL


class Match(models.Model):
    """One meeting of two players. `round` counts from 1, `position` from 0 within the round; the
    winner plays on in `round + 1` at `position // 2`."""

    class Status(models.TextChoices):
        PENDING = "pending"  # a player is still to be found out
        READY = "ready"
        REPORTED = "reported"  # by one player, for the other to confirm
        COMPLETED = "completed"

    tournament = models.ForeignKey("tournaments.Tournament", models.PROTECT, related_name="matches")
    round = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    player_a = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    player_b = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    score_a = models.PositiveSmallIntegerField(null=True)
    score_b = models.PositiveSmallIntegerField(null=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    reported_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    winner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["round", "position"]
        verbose_name_plural = "matches"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tournament", "round", "position"], name="match_once_per_place"
            ),
            models.CheckConstraint(
                condition=Q(player_a__isnull=True) | ~Q(player_a=F("player_b")),
                name="match_has_two_players",
            ),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}: round {self.round}, position {self.position}"

    @property
    def score(self) -> list[int] | None:
        if self.score_a is None or self.score_b is None:
            return None
        return [self.score_a, self.score_b]
