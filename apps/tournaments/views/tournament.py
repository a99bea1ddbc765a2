"""A tournament's page: a snapshot at the `seq` it carries; the live socket takes over there, and
`tournament_parts` gives again what a page cannot change by itself."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.auth import user
from apps.accounts.decorators import person, signed_in_to_post
from apps.events import recording
from apps.matches.events import tournament_stream
from apps.tournaments import services
from apps.tournaments.forms import EnterForm, RegistrationForm
from apps.tournaments.models import Tournament
from apps.tournaments.participation import You, you
from apps.tournaments.services.prizes import shares
from apps.tournaments.views.fragments import shelf
from apps.tournaments.views.lookups import found_tournament
from apps.web.forms import Action, Actions, build_forms, submit, with_error_status

FEED_LENGTH = 30
Formats = Tournament.Format
TITLES: dict[str, str] = {
    Formats.ROUND_ROBIN: "Table",
    Formats.SWISS: "Table",
    Formats.GROUPS: "Groups and play-off",
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_to_post
def tournament_page(request: HttpRequest, tournament_id: int) -> HttpResponse:
    tournament = found_tournament(request, tournament_id)
    seq = recording.head(tournament_stream(tournament_id))
    looks_on = you(tournament, person(request))
    actions = _actions(looks_on or You())
    forms = build_forms(actions)
    if request.method == "POST":
        form = submit(request, actions, **_known(request, tournament_id))
        if form.done:
            return redirect("tournament_page", tournament_id)
        forms[form.action] = form
    page = {"forms": forms, "you": looks_on, "seq": seq}
    page |= _shown(found_tournament(request, tournament_id))
    return with_error_status(render(request, "tournaments/tournament.html", page), forms)


@require_safe
def tournament_parts(request: HttpRequest, tournament_id: int) -> HttpResponse:
    parts = shelf.parts(found_tournament(request, tournament_id))
    return render(request, "tournaments/_fragments.html", {"parts": parts})


def _shown(tournament: Tournament) -> dict[str, Any]:
    parts = shelf.parts(tournament)
    name = tournament_stream(tournament.pk)
    recent = recording.since(name, max(0, parts.seq - FEED_LENGTH), limit=FEED_LENGTH)
    return {
        "tournament": tournament,
        "parts": parts,
        "recent": recent[::-1],
        "draw_title": TITLES.get(tournament.format, "Bracket"),
        "prizes": _prizes(tournament),
    }


def _prizes(tournament: Tournament) -> list[dict[str, int]]:
    split = tournament.prize_split
    coins = shares(tournament.prize_coins, split, range(1, len(split) + 1))
    return [{"coins": each, "percent": percent} for each, percent in zip(coins, split, strict=True)]


def _actions(looks_on: You) -> Actions:
    enter_form = partial(EnterForm, teams=looks_on.teams)
    out = f"You are out. {looks_on.of_money}".rstrip()
    return {
        "enter": Action(services.registration_create, enter_form),
        "withdraw": Action(services.registration_withdraw, RegistrationForm, out),
        "check_in": Action(services.registration_check_in, RegistrationForm, "You are checked in."),
    }


def _known(request: HttpRequest, tournament_id: int) -> dict[str, Any]:
    """What a service is told besides the form: to enter it takes the tournament's number, and then
    there is the registration's."""
    to_enter = request.POST.get("do") == "enter"
    return {"player": user(request)} | ({"tournament_id": tournament_id} if to_enter else {})
