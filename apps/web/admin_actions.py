"""Rows that only services write, in the admin: looked at freely, changed by what services offer.

    @admin.register(Tournament)
    class TournamentAdmin(ServiceAdmin):
        actions = (service_action("Cancel", cancel),)

    def cancel(request, tournament):
        services.tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)

The member of staff is the actor of the events that come of it, as of everything in a request.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.exceptions import DomainError
from apps.events.admin import ReadOnlyAdmin

AT_ONCE = 100
ApplyAction = Callable[[HttpRequest, Any], object]


class ServiceAdmin(ReadOnlyAdmin):
    """Who may change such rows, by Django's permissions, may run its actions."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        named = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return bool(request.user.has_perm(named))


def service_action(words: str, apply_action: ApplyAction) -> Callable[..., None]:
    """Each row by itself: what is refused for one is told, and keeps the others from nothing."""

    def act(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> None:
        if rows.count() > AT_ONCE:
            messages.error(request, f"Nothing was done: choose at most {AT_ONCE}.")
            return
        done = sum(_done(request, row, apply_action) for row in rows)
        if done:
            messages.success(request, f"{words}: done for {done}.")

    act.__name__ = words.lower().replace(" ", "_")
    action: Callable[..., None] = admin.action(description=words, permissions=["act"])(act)
    return action


def _done(request: HttpRequest, row: Any, apply_action: ApplyAction) -> bool:
    try:
        apply_action(request, row)
    except DomainError as refusal:
        messages.error(request, f"{row}: {refusal.in_full()}")
        return False
    return True
