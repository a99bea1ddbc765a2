from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.tournaments.models import Registration, Tournament


@admin.register(Tournament)
class TournamentAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "game_title", "status", "organizer", "champion")
    list_filter = ("status", "game_title")
    search_fields = ("name",)
    list_select_related = ("organizer", "champion")


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = ("id", "tournament", "player", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("tournament", "player")
