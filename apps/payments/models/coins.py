"""The ledger. Triggers (migration 0002) make transfers and postings append-only. On Postgres, they
also reject a transfer whose postings do not sum to zero."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

COINS = "DLC"


class Wallet(models.Model):
    """A player's DeltaCoins, or an account of the platform (`house`), which may go below zero.

    The platform's coin account issues coins. Its money accounts, one per provider and currency,
    hold what the provider has collected, in minor units.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="wallet"
    )
    house = models.CharField(max_length=16, blank=True, default="")
    currency = models.CharField(max_length=3, default=COINS)
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(balance__gte=0), name="wallet_not_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(currency=COINS, house=""),
                name="wallet_of_players_holds_coins",
            ),
            models.UniqueConstraint(
                fields=["house", "currency"],
                condition=Q(owner__isnull=True),
                name="wallet_one_per_house_account",
            ),
        ]

    def __str__(self) -> str:
        return f"wallet {self.pk}: {self.balance} {self.currency}"


class Transfer(models.Model):
    """Two postings that sum to zero. The unique `key` makes a transfer idempotent."""

    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    payment = models.ForeignKey(
        "payments.Payment", models.PROTECT, null=True, related_name="transfers"
    )

    def __str__(self) -> str:
        return self.key


class Posting(models.Model):
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="postings")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="postings")
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount=0), name="posting_moves_something"),
            models.UniqueConstraint(fields=["transfer", "wallet"], name="posting_once_per_wallet"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} in wallet {self.wallet_id}"
