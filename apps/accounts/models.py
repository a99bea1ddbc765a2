from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Lower

from apps.accounts.types import Person

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"


class User(AbstractUser):
    """A user can be a player, an organizer and a member of staff."""

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="username_unique_case_insensitive")
        ]

    @transaction.atomic
    def save(self, *args: Any, **fields: Any) -> None:
        """In one transaction with the signal receivers, which record the roles of a new user."""
        super().save(*args, **fields)

    def as_person(self) -> Person:
        """The representation in events."""
        return {"id": self.pk, "username": self.username}


class ApiToken(models.Model):
    """A Bearer token. Only its digest is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"token {self.pk} of user {self.user_id}"
