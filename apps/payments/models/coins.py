"""The ledger. Triggers (migration 0003) keep transfers and postings append-only, and on Postgres
let no transaction commit whose postings do not sum to zero."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

COINS = "DLC"


class Wallet(models.Model):
    """DeltaCoins of a player; or an account of the house, which may go below zero.

    The house's coin account issues coins: its balance is what is out. Its money accounts, one per
    provider and currency, hold what that provider collected for us, in minor units.
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
    """From one wallet to another: two postings whose sum is zero. `key` says what it is for, so
    that it happens once."""

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
