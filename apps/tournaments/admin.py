from typing import ClassVar

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.tournaments.models import Registration, Tournament


@admin.register(Tournament)
class TournamentAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "name", "game_title", "status", "organizer", "champion"]
    list_filter: ClassVar = ["status", "game_title"]
    search_fields: ClassVar = ["name"]
    list_select_related: ClassVar = ["organizer", "champion"]


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["id", "tournament", "player", "status", "created_at"]
    list_filter: ClassVar = ["status"]
    list_select_related: ClassVar = ["tournament", "player"]
