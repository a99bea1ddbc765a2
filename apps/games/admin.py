from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.exceptions import DomainError
from apps.games.models import Game
from apps.games.services import game_save


@admin.register(Game)
class GameAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs only
    """Games are retired, not deleted: metric labels refer to them."""

    list_display = ("title", "roster_min", "roster_max", "retired")
    list_filter = ("retired",)
    search_fields = ("title",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("title",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(request.path)
        return response

    def save_model(self, request: HttpRequest, obj: Game, form: Any, change: bool) -> None:
        game_save(
            title=obj.title,
            roster_min=obj.roster_min,
            roster_max=obj.roster_max,
            retired=obj.retired,
        )
