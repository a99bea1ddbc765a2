"""The organizer's page."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.auth import user
from apps.accounts.decorators import sign_in_required
from apps.matches.bracket_presenter import labeled
from apps.matches.selectors import match_list
from apps.tournaments import services
from apps.tournaments.forms.entrants import SeedsForm
from apps.tournaments.forms.plans import DraftForm, NewTournamentForm, PlanForm, initial_values
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.views.lookups import page_of, visible_tournament
from apps.web.forms import Action, Actions, PageForms, with_error_status

SHOWN_PER_PAGE = 50
Status = Tournament.Status
Registered = Registration.Status
ACTIONS: Actions = {
    "open": Action(services.tournament_open, success_message="Registration is open."),
    "check_in": Action(services.tournament_check_in_open, success_message="Check-in is open."),
    "drop": Action(services.tournament_no_shows_drop, success_message="No-shows removed."),
    "start": Action(services.tournament_start, success_message="Tournament started."),
    "cancel": Action(services.tournament_cancel, success_message="Tournament canceled."),
    "seeds": Action(services.seeds_set, SeedsForm, "Seeding saved."),
}
OFFERED = {
    Status.DRAFT: ("open", "edit", "cancel"),
    Status.REGISTRATION_OPEN: ("check_in", "start", "seeds", "edit", "cancel"),
    Status.CHECK_IN: ("drop", "start", "seeds", "edit", "cancel"),
    Status.LIVE: ("cancel",),
}


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def tournament_new(request: HttpRequest) -> HttpResponse:
    form = NewTournamentForm(request.POST if request.method == "POST" else None)
    create = partial(services.tournament_create, organizer=user(request))
    if request.method == "POST" and form.submit(create):
        return redirect("desk", form.result.pk)
    return with_error_status(render(request, "tournaments/new.html", {"form": form}), {"": form})


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def desk(request: HttpRequest, tournament_id: int) -> HttpResponse:
    tournament = visible_tournament(request, tournament_id)
    if tournament.organizer_id != user(request).pk:
        raise PermissionDenied
    actions = ACTIONS | {"edit": _edit(tournament)}
    forms = PageForms(request, actions, tournament_id=tournament_id, organizer=user(request))
    if forms.done:
        return redirect("desk", tournament_id)
    page = {"forms": forms, **_shown(tournament), **_open_matches(tournament, request)}
    return with_error_status(render(request, "tournaments/desk.html", page), forms)


def _edit(tournament: Tournament) -> Action:
    form = DraftForm if tournament.status == Status.DRAFT else PlanForm
    shown = partial(form, initial=initial_values(tournament))
    return Action(services.tournament_edit, shown, "Saved.")


def _shown(tournament: Tournament) -> dict[str, Any]:
    seated = tournament.registrations.filter(status__in=Registration.HOLDS_SEAT)
    disputed = match_list(tournament_id=tournament.pk).filter(status="disputed")
    return {
        "tournament": tournament,
        "waits_for_check_in": tournament.check_in_minutes
        and tournament.status == Status.REGISTRATION_OPEN,
        "left_out": _left_out(tournament),
        "offered": OFFERED.get(Status(tournament.status), ()),
        "entrants": seated.select_related("player", "team").order_by("seed", "pk"),
        "disputed": labeled(disputed[:SHOWN_PER_PAGE]),
        "disputed_besides": max(0, disputed.count() - SHOWN_PER_PAGE),
    }


def _left_out(tournament: Tournament) -> str:
    """Who would be missing from the draw if it started now, by reason."""
    rows = tournament.registrations.values_list("status").annotate(Count("pk")).order_by()
    counts = dict(rows)
    reasons = {Registered.PENDING_PAYMENT: "unpaid", Registered.WAITLISTED: "on the waiting list"}
    if tournament.status == Status.CHECK_IN:
        reasons[Registered.CONFIRMED] = "not checked in"
    return ", ".join(
        f"{counts[status]} {reason}" for status, reason in reasons.items() if status in counts
    )


def _open_matches(tournament: Tournament, request: HttpRequest) -> dict[str, Any]:
    matches = match_list(tournament_id=tournament.pk).filter(status__in=["ready", "reported"])
    shown, next_before = page_of(matches, request, SHOWN_PER_PAGE)
    shown.sort(key=lambda row: (row.stage, row.round, row.group, row.position))
    return {"waiting": labeled(shown), "next": next_before}
