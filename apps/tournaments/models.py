from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.tournaments.games import MAX_ENTRANTS, TITLES

USER = settings.AUTH_USER_MODEL


class Tournament(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        REGISTRATION_OPEN = "registration_open", "Open"
        LIVE = "live"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    class Format(models.TextChoices):
        SINGLE_ELIMINATION = "single_elimination"

    name = models.CharField(max_length=100)
    game_title = models.CharField(max_length=40, choices=[(title, title) for title in TITLES])
    format = models.CharField(max_length=24, choices=Format, default=Format.SINGLE_ELIMINATION)
    capacity = models.PositiveIntegerField()
    entry_fee = models.PositiveBigIntegerField(default=0, help_text="In minor units.")
    currency = models.CharField(max_length=3)
    prize_coins = models.PositiveBigIntegerField(default=0)
    status = models.CharField(max_length=24, choices=Status, default=Status.DRAFT)
    organizer = models.ForeignKey(USER, models.PROTECT, related_name="tournaments")
    champion = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    prize_paid = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(capacity__gte=2, capacity__lte=MAX_ENTRANTS),
                name="tournament_capacity_in_range",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status"])]

    def __str__(self) -> str:
        return self.name


class Registration(models.Model):
    class Status(models.TextChoices):
        PENDING_PAYMENT = "pending_payment"
        CONFIRMED = "confirmed"
        CANCELLED = "cancelled"

    HOLDS_SEAT: ClassVar = [Status.PENDING_PAYMENT, Status.CONFIRMED]

    tournament = models.ForeignKey(Tournament, models.PROTECT, related_name="registrations")
    player = models.ForeignKey(USER, models.PROTECT, related_name="registrations")
    status = models.CharField(max_length=24, choices=Status)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tournament", "player"], name="registration_once_per_player"
            )
        ]

    def __str__(self) -> str:
        return f"registration {self.pk}: {self.status}"
