from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from apps.accounts.models import User

USER = settings.AUTH_USER_MODEL


class Team(models.Model):
    """Enters tournaments of one game. The captain is a member and acts for the team."""

    name = models.CharField(max_length=40)
    game = models.ForeignKey("games.Game", models.PROTECT, related_name="teams")
    captain = models.ForeignKey(USER, models.PROTECT, related_name="teams_led")
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        USER, through="Membership", related_name="teams"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="team_name_unique_case_insensitive")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(USER, models.PROTECT, related_name="memberships")
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in team {self.team_id}"


class Invitation(models.Model):
    """A player has at most one open invitation per team."""

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(USER, models.PROTECT, related_name="invitations")
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "user"], condition=Q(status="open"), name="invitation_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}: user {self.user_id} to team {self.team_id}, {self.status}"
