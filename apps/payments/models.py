import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

USER = settings.AUTH_USER_MODEL


class Invoice(models.Model):
    """What a registration owes, in minor units of the currency."""

    class Status(models.TextChoices):
        DUE = "due"
        PAID = "paid"
        VOID = "void"  # cancelled; what was paid is marked as refunded

    registration = models.OneToOneField(
        "tournaments.Registration", models.PROTECT, related_name="invoice"
    )
    payer = models.ForeignKey(USER, models.PROTECT, related_name="invoices")
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=Status, default=Status.DUE)

    def __str__(self) -> str:
        return f"invoice {self.pk}: {self.amount} {self.currency} {self.status}"


class Payment(models.Model):
    """One attempt to pay an invoice. Written before the provider is asked, so that an attempt that
    was cut short can be taken up again: the provider knows it by `reference`."""

    class Method(models.TextChoices):
        STRIPE = "STRIPE"
        PAYPAL = "PAYPAL"

    class Status(models.TextChoices):
        PROCESSING = "processing"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        REFUNDED = "refunded"

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    payer = models.ForeignKey(USER, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=8, choices=Method)
    status = models.CharField(max_length=16, choices=Status, default=Status.PROCESSING)
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=255)
    idempotency_key = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payer", "idempotency_key"], name="payment_once_per_key"
            ),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status__in=["processing", "succeeded"]),
                name="payment_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}: {self.method} {self.status}"


class Wallet(models.Model):
    """DeltaCoins of a player. The one without an owner issues them: its balance is what is out,
    below zero."""

    owner = models.OneToOneField(USER, models.PROTECT, null=True, related_name="wallet")
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(balance__gte=0), name="wallet_not_below_zero"
            ),
            models.UniqueConstraint(Coalesce("owner", 0), name="wallet_one_issuer"),
        ]

    def __str__(self) -> str:
        return f"wallet {self.pk}: {self.balance}"


class Transfer(models.Model):
    """Coins from one wallet to another: two postings whose sum is zero. `key` says what it is for,
    so that it happens once."""

    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)

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
