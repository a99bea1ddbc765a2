from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.core.models import EventRecord


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For what only services may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "stream", "seq", "name", "actor", "at", "request_id")
    list_filter = ("name",)
    search_fields = ("=stream__name", "=request_id")
    list_select_related = ("actor", "stream")
