from typing import ClassVar

from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q

MAX_GAMES = 100


class Game(models.Model):
    """A title that is played. As titles are values of the `game_title` label, there are at most
    MAX_GAMES, and one that was played is never deleted but retired: no new tournament may have it.
    """

    title = models.CharField(
        max_length=40, primary_key=True, validators=[ProhibitNullCharactersValidator()]
    )
    roster_min = models.PositiveSmallIntegerField(default=1, help_text="Players a team has to have")
    roster_max = models.PositiveSmallIntegerField(default=1, help_text="With its substitutes")
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
