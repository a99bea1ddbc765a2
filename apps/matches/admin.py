from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.matches.models import Match


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ("id", "tournament", "round", "position", "status", "winner")
    list_filter = ("status",)
    list_select_related = ("tournament", "winner")
