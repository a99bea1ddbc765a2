from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.matches import formats
from apps.matches.formats.base import MAX_ENTRANTS
from apps.matches.types import Entrant, TeamRef

USER = settings.AUTH_USER_MODEL
MAX_COINS = 10**12  # also the limit for minor units of a currency
MAX_MINUTES = 7 * 24 * 60
IS_ACTIVE = Q(status__in=["pending_payment", "confirmed", "checked_in", "waitlisted"])


def default_split() -> list[int]:
    return [100]


class Tournament(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft"
        REGISTRATION_OPEN = "registration_open", "Open"
        CHECK_IN = "check_in", "Check-in"
        LIVE = "live"
        COMPLETED = "completed"
        CANCELLED = "cancelled", "Canceled"

    BEFORE_START: ClassVar = [Status.REGISTRATION_OPEN, Status.CHECK_IN]
    AFTER_START: ClassVar = [Status.LIVE, Status.COMPLETED]

    class Seeding(models.TextChoices):
        SIGNUP = "signup", "Registration order"
        RANK = "rank", "By wins in this game"
        RANDOM = "random"
        MANUAL = "manual", "Manual"

    BEST_OF: ClassVar = [(games, f"Best of {games}") for games in (1, 3, 5, 7)]

    name = models.CharField(max_length=100)
    game = models.ForeignKey(
        "games.Game", models.PROTECT, db_column="game_title", related_name="tournaments"
    )
    organizer = models.ForeignKey(USER, models.PROTECT, related_name="tournaments")
    status = models.CharField(max_length=24, choices=Status, default=Status.DRAFT)
    rules = models.TextField(max_length=4000, default="", blank=True)

    format = models.CharField(max_length=24, choices=formats.choices, default=formats.DEFAULT)
    team_based = models.BooleanField(default=False)
    capacity = models.PositiveIntegerField()
    best_of = models.PositiveSmallIntegerField(choices=BEST_OF, default=3)
    third_place = models.BooleanField(default=False)
    group_size = models.PositiveSmallIntegerField(default=4)
    group_advance = models.PositiveSmallIntegerField(default=2)
    swiss_rounds = models.PositiveSmallIntegerField(default=0, help_text="0: automatic.")
    seeding = models.CharField(max_length=8, choices=Seeding, default=Seeding.SIGNUP)
    random_seed = models.CharField(max_length=32, default="", blank=True)

    entry_fee = models.PositiveBigIntegerField(default=0, help_text="In minor units.")
    currency = models.CharField(max_length=3)
    prize_coins = models.PositiveBigIntegerField(default=0)
    prize_split = models.JSONField(default=default_split, help_text="Percent by place, sum 100.")
    prize_paid = models.BooleanField(default=False)

    registration_opens_at = models.DateTimeField(null=True, blank=True)
    registration_closes_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    check_in_minutes = models.PositiveSmallIntegerField(default=0, help_text="0: no check-in.")
    round_minutes = models.PositiveSmallIntegerField(default=0, help_text="0: no match times.")
    reminded_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # null: only the organizer and staff see it
    check_in_opened_at = models.DateTimeField(null=True)
    no_show_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="An entrant without a report forfeits after this; 0: never."
    )

    champion = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(capacity__gte=2, capacity__lte=MAX_ENTRANTS),
                name="tournament_capacity_in_range",
            ),
            models.CheckConstraint(
                condition=Q(best_of__in=[1, 3, 5, 7]), name="tournament_best_of_is_odd"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status"])]

    def __str__(self) -> str:
        return self.name

    @property
    def game_title(self) -> str:
        return self.game_id


class Registration(models.Model):
    """An entrant: a player, or a team with its captain as `player`."""

    class Status(models.TextChoices):
        PENDING_PAYMENT = "pending_payment", "Payment due"
        CONFIRMED = "confirmed"
        CHECKED_IN = "checked_in"
        WAITLISTED = "waitlisted", "Waiting list"
        WITHDRAWN = "withdrawn"
        NO_SHOW = "no_show"
        EXPIRED = "expired"  # not paid in time
        CANCELLED = "cancelled", "Canceled"  # by the tournament, or unpaid at its start
        REFUNDED = "refunded"  # left or canceled, and the entry fee was refunded

    HOLDS_SEAT: ClassVar = [Status.PENDING_PAYMENT, Status.CONFIRMED, Status.CHECKED_IN]
    PAID: ClassVar = [Status.CONFIRMED, Status.CHECKED_IN]
    ACTIVE: ClassVar = [*HOLDS_SEAT, Status.WAITLISTED]

    tournament = models.ForeignKey(Tournament, models.PROTECT, related_name="registrations")
    player = models.ForeignKey(USER, models.PROTECT, related_name="registrations")
    team = models.ForeignKey("teams.Team", models.PROTECT, null=True, related_name="registrations")
    status = models.CharField(max_length=24, choices=Status)
    stands_by = models.BooleanField(default=False, help_text="On the waiting list, and checked in.")
    pay_until = models.DateTimeField(null=True)
    seed = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tournament", "player"],
                condition=IS_ACTIVE,
                name="registration_once_per_player",
            ),
            models.UniqueConstraint(
                fields=["tournament", "team"],
                condition=IS_ACTIVE,
                name="registration_once_per_team",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tournament", "status"])]

    def __str__(self) -> str:
        return f"registration {self.pk}: {self.status}"

    @property
    def name(self) -> str:
        return self.team.name if self.team else self.player.username

    def as_entrant(self) -> Entrant:
        """The entrant as events contain it."""
        team: TeamRef | None = {"id": self.team.pk, "name": self.team.name} if self.team else None
        return {"id": self.pk, "name": self.name, "player": self.player.as_person(), "team": team}


class RosterPlace(models.Model):
    """A player on a team's roster, locked at check-in or at the start."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="roster")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["registration", "user"], name="roster_place_once")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} for registration {self.registration_id}"
