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
    """What a registration owes, in minor units of the currency."""

    class Status(models.TextChoices):
        DUE = "due"
        PAID = "paid"
        VOID = "void"  # cancelled; what was paid is given back

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
    was cut short can be taken up again: the provider knows it by `reference`. While it is
    processing, `approve_url` is the provider's page that waits for the payer, where there is one.

    `services.moves` has the table of its legal moves.
    """

    class Status(models.TextChoices):
        CREATED = "created"  # the provider has not answered
        PROCESSING = "processing"  # the provider has, and is at it
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        REFUNDING = "refunding"
        PARTIALLY_REFUNDED = "partially_refunded"
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
    asked_at = models.DateTimeField(default=timezone.now)  # the provider, last
    called_off_at = models.DateTimeField(null=True, blank=True)  # it may be too late
    taken_back_at = models.DateTimeField(null=True, blank=True)  # when all of it was back
    changed_at = models.DateTimeField(default=timezone.now)

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
        indexes: ClassVar = [models.Index(fields=["status", "asked_at"], name="payment_waiting")]

    def __str__(self) -> str:
        return f"payment {self.pk}: {self.method} {self.status}"

    @property
    def is_wanted(self) -> bool:
        """What is not is given up, and charged only if it is too late for that."""
        return self.invoice.status == Invoice.Status.DUE and self.called_off_at is None

    @property
    def waits_for_payer(self) -> bool:
        return self.is_wanted and self.status == self.Status.PROCESSING and bool(self.approve_url)

    @cached_property
    def page(self) -> str | None:
        """The provider's, while it waits for the payer."""
        return self.approve_url if self.waits_for_payer else None

    @property
    def can_be_called_off(self) -> bool:
        """Nothing is charged before the payer says so on the page, or as far as anybody knows."""
        return self.waits_for_payer or (self.is_wanted and self.status == self.Status.CREATED)

    @property
    def called_off(self) -> bool:
        """Its payer wanted it no more, or owed it no more: the provider has not declined it."""
        return self.status == self.Status.FAILED and self.called_off_at is not None


class Refund(models.Model):
    """Money on its way back, all of a payment or a part. The provider knows it by `reference`."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"  # the provider did not, or took it back after it had succeeded

    OWED: ClassVar = (Status.PENDING, Status.SUCCEEDED)

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField()
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_gives_something"),
            models.UniqueConstraint(
                fields=["payment", "provider_id"],
                condition=~Q(provider_id=""),
                name="refund_once_per_provider_id",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "asked_at"], name="refund_waiting")]

    def __str__(self) -> str:
        return f"refund {self.pk}: {self.amount} {self.status}"


class IdempotencyKey(models.Model):
    """A request to pay that came under a key, and what it was first answered: `answered` is the
    payment's status then, empty while there was no answer, and `page` the provider's page that
    waited for the payer. Good for 24 hours."""

    payer = models.ForeignKey(USER, models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="idempotency")
    answered = models.CharField(max_length=24, blank=True, default="")
    page = models.CharField(max_length=2048, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payer", "key"], name="idempotency_key_once_per_payer")
        ]

    def __str__(self) -> str:
        return f"key of payment {self.payment_id}"


class WebhookEvent(models.Model):
    """What a provider told, as it was understood: once per event however often it comes."""

    class Status(models.TextChoices):
        WAITING = "waiting"  # for a payment that it could be about
        APPLIED = "applied"
        IGNORED = "ignored"  # nothing of ours

    provider = models.CharField(max_length=16, choices=provider_choices)
    event_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    notice = models.JSONField()
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
