"""The sandbox's own records: payments see them only through the gateway."""

from typing import ClassVar

from django.db import models

from apps.payments.gateways import provider_choices


class SandboxCharge(models.Model):
    """`outcome` applies from `settles_at` on. It is processing until the payer has decided on the
    sandbox's page."""

    method = models.CharField(max_length=16, choices=provider_choices)
    reference = models.UUIDField(unique=True)
    provider_id = models.CharField(max_length=64, unique=True)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    settles_at = models.DateTimeField()
    return_url = models.CharField(max_length=2048, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.amount} {self.currency} {self.outcome}"


class SandboxRefund(models.Model):
    charge = models.ForeignKey(SandboxCharge, models.PROTECT, related_name="refunds")
    reference = models.UUIDField(unique=True, null=True)  # null: started at the provider
    provider_id = models.CharField(max_length=64, unique=True)
    amount = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.amount}"


class SandboxWebhook(models.Model):
    method = models.CharField(max_length=16, choices=provider_choices)
    body = models.TextField()
    times = models.PositiveSmallIntegerField(default=1)  # how often to send it
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sent_at", "due_at"], name="sandbox_webhook_due")]

    def __str__(self) -> str:
        return f"{self.method} webhook {self.pk}"
