"""The sandbox provider's own book: what Stripe and PayPal would know, and we only by asking."""

from typing import ClassVar

from django.db import models

from apps.payments.gateways import provider_choices


class SandboxCharge(models.Model):
    """`outcome` is how it ends, from `settles_at` on; it is processing until then, and for as long
    as the payer has not said so on the sandbox's page, from which they come `back_to` us."""

    method = models.CharField(max_length=16, choices=provider_choices)
    reference = models.UUIDField(unique=True)
    provider_id = models.CharField(max_length=64, unique=True)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    settles_at = models.DateTimeField()
    back_to = models.CharField(max_length=2048, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.amount} {self.currency} {self.outcome}"


class SandboxRefund(models.Model):
    charge = models.ForeignKey(SandboxCharge, models.PROTECT, related_name="refunds")
    reference = models.UUIDField(unique=True, null=True)  # null: begun at the provider
    provider_id = models.CharField(max_length=64, unique=True)
    amount = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.amount}"


class SandboxWebhook(models.Model):
    """To be sent from `due_at` on, as many `times`."""

    method = models.CharField(max_length=16, choices=provider_choices)
    body = models.TextField()
    times = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sent_at", "due_at"], name="sandbox_webhook_due")]

    def __str__(self) -> str:
        return f"{self.method} webhook {self.pk}"


class SandboxKey(models.Model):
    """What the sandbox's PayPal signs with, made at first use. It guards play money."""

    private_key = models.TextField()
    chain = models.TextField()  # the certificate, then the authority that signed it

    def __str__(self) -> str:
        return f"sandbox key {self.pk}"
