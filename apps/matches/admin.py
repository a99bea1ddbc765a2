import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.auth import user
from apps.events.admin import ReadOnlyAdmin
from apps.matches import services
from apps.matches.exceptions import MatchNotReady, ScoreNotPossible
from apps.matches.models import Dispute, Evidence, Match, Report
from apps.matches.selectors import with_entrants
from apps.web.admin_actions import ServiceAdmin, service_action


class ScoreActionForm(ActionForm):
    """The input of the actions, next to their menu."""

    score = forms.CharField(required=False, max_length=7, help_text="e.g. 2-1")
    note = forms.CharField(required=False, max_length=200)


def posted_score(request: HttpRequest) -> tuple[int, int]:
    """Raises ScoreNotPossible."""
    parts = re.fullmatch(r"(\d{1,3})-(\d{1,3})", request.POST.get("score", "").strip())
    if parts is None:
        raise ScoreNotPossible(score="must look like 2-1, in the order of the entrants")
    return int(parts[1]), int(parts[2])


def decide(request: HttpRequest, row: Match) -> None:
    services.match_decide(
        match_id=row.pk,
        organizer=user(request),
        score=posted_score(request),
        note=request.POST.get("note", ""),
    )


def correct(request: HttpRequest, row: Match) -> None:
    services.match_correct(match_id=row.pk, organizer=user(request), score=posted_score(request))


def forfeit(side: str) -> Any:
    def apply_action(request: HttpRequest, row: Match) -> None:
        entrant_id = getattr(row, f"entrant_{side}_id")
        if entrant_id is None:
            raise MatchNotReady
        services.match_forfeit(match_id=row.pk, by=user(request), entrant_id=entrant_id)

    return apply_action


@admin.register(Match)
class MatchAdmin(ServiceAdmin):
    list_display = ("id", "tournament", "player_a", "player_b", "status", "outcome", "won_by",
                    "stage", "group", "round", "position")  # fmt: skip
    list_filter = ("status", "stage", "outcome")
    search_fields = ("tournament__name", "=id")
    action_form = ScoreActionForm
    actions = (
        service_action("Set this result", decide),
        service_action("Correct to this result", correct),
        service_action("Player A forfeits", forfeit("a")),
        service_action("Player B forfeits", forfeit("b")),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        return with_entrants()

    @admin.display(description="Player A")
    def player_a(self, row: Match) -> str:
        return row.entrant_a.name if row.entrant_a else ""

    @admin.display(description="Player B")
    def player_b(self, row: Match) -> str:
        return row.entrant_b.name if row.entrant_b else ""

    @admin.display(description="Winner")
    def won_by(self, row: Match) -> str:
        return row.winner.name if row.winner else ""


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "match", "entrant", "reporter", "score_a", "score_b", "created_at")
    search_fields = ("=match__id", "=reporter__username")
    list_select_related = ("match", "entrant", "reporter")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ("id", "match", "opened_by", "opened_at", "resolved_by", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter),)
    search_fields = ("=match__id", "=opened_by__username")
    list_select_related = ("match", "opened_by", "resolved_by")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ("id", "dispute", "entrant", "author", "created_at")
    search_fields = ("=dispute__match__id", "=author__username")
    list_select_related = ("dispute", "entrant", "author")
