from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Lower

from apps.accounts.types import Person

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"


class User(AbstractUser):
    """A player, an organizer or a member of staff: the same person may be each."""

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="username_once_whatever_the_case")
        ]

    @transaction.atomic
    def save(self, *args: Any, **fields: Any) -> None:
        """One transaction with what reacts to it: a new user's roles are in the audit trail."""
        super().save(*args, **fields)

    def as_person(self) -> Person:
        """As events name people."""
        return {"id": self.pk, "username": self.username}


class ApiToken(models.Model):
    """A Bearer token. Only its digest is kept, so that a copy of the table opens nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"token {self.pk} of user {self.user_id}"
