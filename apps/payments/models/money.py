import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from apps.payments.gateways import provider_choices

USER = settings.AUTH_USER_MODEL


class Invoice(models.Model):
    """The entry fee of a registration, in minor units of the currency."""

    class Status(models.TextChoices):
        DUE = "due"
        PAID = "paid"
        VOID = "void"  # the registration has ended; payments are refunded

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
    """One attempt to pay an invoice, stored before the provider is called, so that an interrupted
    attempt can be resumed: `reference` identifies it at the provider. While it is processing,
    `approve_url` is the provider's page where the payer must act, if any.

    `services.transitions` defines which status may follow which.
    """

    class Status(models.TextChoices):
        CREATED = "created"  # no response from the provider yet
        PROCESSING = "processing"
        SUCCEEDED = "succeeded", "Paid"
        FAILED = "failed"
        REFUNDING = "refunding"
        PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
        REFUNDED = "refunded"

    OPEN: ClassVar = (Status.CREATED, Status.PROCESSING)
    PAID: ClassVar = (Status.SUCCEEDED, Status.PARTIALLY_REFUNDED, Status.REFUNDING)
    SETTLES: ClassVar = (*OPEN, Status.SUCCEEDED, Status.PARTIALLY_REFUNDED)

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    payer = models.ForeignKey(USER, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=16, choices=provider_choices)
    status = models.CharField(max_length=24, choices=Status, default=Status.CREATED)
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_id = models.CharField(max_length=255, blank=True, default="", db_index=True)
    approve_url = models.CharField(max_length=2048, blank=True, default="")
    source = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_polled_at = models.DateTimeField(default=timezone.now)
    canceled_at = models.DateTimeField(null=True, blank=True)  # the charge may succeed all the same
    refund_reversed_at = models.DateTimeField(null=True, blank=True)  # after a full refund
    status_changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(
                    status__in=["created", "processing", "succeeded", "partially_refunded"]
                ),
                name="payment_one_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "last_polled_at"], name="payment_waiting")
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}: {self.method} {self.status}"

    @property
    def is_owed(self) -> bool:
        """Otherwise it is canceled at the provider, or refunded."""
        return self.invoice.status == Invoice.Status.DUE and self.canceled_at is None

    @property
    def requires_action(self) -> bool:
        return self.is_owed and self.status == self.Status.PROCESSING and bool(self.approve_url)

    @cached_property
    def pending_approve_url(self) -> str | None:
        return self.approve_url if self.requires_action else None

    @property
    def can_be_canceled(self) -> bool:
        return self.requires_action or (self.is_owed and self.status == self.Status.CREATED)

    @property
    def is_canceled(self) -> bool:
        """The payer canceled it or no longer owed it: the provider has not declined it."""
        return self.status == self.Status.FAILED and self.canceled_at is not None


class Refund(models.Model):
    """A full or partial refund. `reference` identifies it at the provider."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"  # rejected, or reversed after it had succeeded

    NOT_FAILED: ClassVar = (Status.PENDING, Status.SUCCEEDED)

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField()
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    last_polled_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive"),
            models.UniqueConstraint(
                fields=["payment", "provider_id"],
                condition=~Q(provider_id=""),
                name="refund_once_per_provider_id",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "last_polled_at"], name="refund_waiting")
        ]

    def __str__(self) -> str:
        return f"refund {self.pk}: {self.amount} {self.status}"


class IdempotencyKey(models.Model):
    """A payer's idempotency key with its first response: the payment's status, empty until there is
    one, and the provider's page. Valid for 24 hours."""

    payer = models.ForeignKey(USER, models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="idempotency")
    response_status = models.CharField(max_length=24, blank=True, default="")
    approve_url = models.CharField(max_length=2048, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payer", "key"], name="idempotency_key_once_per_payer")
        ]

    def __str__(self) -> str:
        return f"key of payment {self.payment_id}"


class WebhookEvent(models.Model):
    """A provider's event, stored once however often it is delivered."""

    class Status(models.TextChoices):
        WAITING = "waiting"  # its payment is not known yet
        APPLIED = "applied"
        IGNORED = "ignored"  # no payment of this application

    provider = models.CharField(max_length=16, choices=provider_choices)
    event_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    notification = models.JSONField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="webhooks")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="webhook_event_once")
        ]
        indexes: ClassVar = [models.Index(fields=["status", "received_at"], name="webhook_waiting")]

    def __str__(self) -> str:
        return f"{self.provider} {self.name} {self.status}"
