from typing import ClassVar

from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q

MAX_GAMES = 100


class Game(models.Model):
    """Titles are values of the metric label `game_title`: there are at most MAX_GAMES. A game is
    retired, not deleted; new tournaments cannot use a retired game."""

    title = models.CharField(
        max_length=40, primary_key=True, validators=[ProhibitNullCharactersValidator()]
    )
    roster_min = models.PositiveSmallIntegerField(default=1, help_text="Minimum team size")
    roster_max = models.PositiveSmallIntegerField(default=1, help_text="Including substitutes")
    retired = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["title"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(roster_min__gte=1, roster_max__gte=F("roster_min"), roster_max__lte=20),
                name="game_roster_in_range",
            )
        ]

    def __str__(self) -> str:
        return self.title
