"""Admin pages of rows that only services write: read-only, with services as actions.

    @admin.register(Tournament)
    class TournamentAdmin(ServiceAdmin):
        actions = (service_action("Cancel", cancel),)

    def cancel(request, tournament):
        services.tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)

The signed-in member of staff is the actor of the resulting events.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.exceptions import DomainError
from apps.events.admin import ReadOnlyAdmin

MAX_ROWS = 100
ApplyAction = Callable[[HttpRequest, Any], object]


class ServiceAdmin(ReadOnlyAdmin):
    """The actions require Django's "change" permission."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        permission = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return bool(request.user.has_perm(permission))


def service_action(label: str, apply_action: ApplyAction) -> Callable[..., None]:
    """Applies the action to each selected row. Reports errors per row."""

    def act(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> None:
        if rows.count() > MAX_ROWS:
            messages.error(request, f"Select at most {MAX_ROWS} rows.")
            return
        done = sum(_apply(request, row, apply_action) for row in rows)
        if done:
            messages.success(request, f"{label}: done for {done}.")

    act.__name__ = label.lower().replace(" ", "_")
    action: Callable[..., None] = admin.action(description=label, permissions=["act"])(act)
    return action


def _apply(request: HttpRequest, row: Any, apply_action: ApplyAction) -> bool:
    try:
        apply_action(request, row)
    except DomainError as error:
        messages.error(request, f"{row}: {error.full_message()}")
        return False
    return True
