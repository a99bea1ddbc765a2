from django.contrib import admin
from django.http import HttpRequest

from apps.events.admin import ReadOnlyAdmin
from apps.payments import models
from apps.payments.services import refund_create
from apps.web.admin_actions import ServiceAdmin, service_action


def refund(request: HttpRequest, row: models.Payment) -> None:
    refund_create(payment_id=row.pk)


@admin.register(models.Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ("id", "payer", "amount", "currency", "status")
    list_filter = ("status", "currency")
    search_fields = ("=payer__username", "registration__tournament__name")
    list_select_related = ("payer",)


@admin.register(models.Payment)
class PaymentAdmin(ServiceAdmin):
    list_display = (
        "id", "payer", "method", "status", "is_canceled", "reference", "provider_id", "created_at"
    )  # fmt: skip
    list_filter = ("status", "method")
    search_fields = ("=reference", "=provider_id", "=payer__username")
    list_select_related = ("payer",)
    date_hierarchy = "created_at"
    exclude = ("source",)
    actions = (service_action("Refund remaining amount", refund),)

    @admin.display(description="canceled", boolean=True)
    def is_canceled(self, row: models.Payment) -> bool:
        return row.is_canceled


@admin.register(models.Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ("id", "payment", "amount", "status", "reference", "provider_id", "created_at")
    list_filter = ("status",)
    search_fields = ("=reference", "=provider_id")
    list_select_related = ("payment",)


@admin.register(models.IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    list_display = ("id", "payer", "payment", "response_status", "created_at")
    search_fields = ("=payer__username",)
    list_select_related = ("payer", "payment")
    exclude = ("key",)


@admin.register(models.WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "provider", "name", "status", "payment", "received_at")
    list_filter = ("provider", "status")
    search_fields = ("=event_id",)
    list_select_related = ("payment",)


@admin.register(models.Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "house", "currency", "balance")
    list_filter = ("currency", "house")
    search_fields = ("=owner__username",)
    list_select_related = ("owner",)


@admin.register(models.Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("id", "key", "payment", "at")
    search_fields = ("=key",)
    list_select_related = ("payment",)


@admin.register(models.Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("id", "transfer", "wallet", "amount")
    search_fields = ("=transfer__key",)
    list_select_related = ("transfer", "wallet")


@admin.register(models.SandboxCharge)
class SandboxChargeAdmin(ReadOnlyAdmin):
    list_display = ("id", "method", "reference", "amount", "currency", "outcome", "settles_at")
    list_filter = ("method", "outcome")
    search_fields = ("=reference",)


@admin.register(models.SandboxRefund)
class SandboxRefundAdmin(ReadOnlyAdmin):
    list_display = ("id", "charge", "reference", "amount")
    search_fields = ("=reference",)
    list_select_related = ("charge",)


@admin.register(models.SandboxWebhook)
class SandboxWebhookAdmin(ReadOnlyAdmin):
    list_display = ("id", "method", "times", "due_at", "sent_at")
    list_filter = ("method",)
