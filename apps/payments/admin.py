from typing import ClassVar

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.payments.models import Invoice, Payment, Transfer, Wallet


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "payer", "amount", "currency", "status"]
    list_filter: ClassVar = ["status", "currency"]
    list_select_related: ClassVar = ["payer"]


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "payer", "method", "status", "reference", "created_at"]
    list_filter: ClassVar = ["status", "method"]
    search_fields: ClassVar = ["=reference"]
    list_select_related: ClassVar = ["payer"]


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "owner", "balance"]
    list_select_related: ClassVar = ["owner"]


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "key", "at"]
    search_fields: ClassVar = ["=key"]
