from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.payments.models import Invoice, Payment, Transfer, Wallet


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ("id", "payer", "amount", "currency", "status")
    list_filter = ("status", "currency")
    list_select_related = ("payer",)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("id", "payer", "method", "status", "reference", "created_at")
    list_filter = ("status", "method")
    search_fields = ("=reference",)
    list_select_related = ("payer",)


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "balance")
    list_select_related = ("owner",)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("id", "key", "at")
    search_fields = ("=key",)
