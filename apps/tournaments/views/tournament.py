"""The tournament page. It is a snapshot at a `seq`; the live feed continues from there, and the
page requests `tournament_parts` for what the browser cannot update from an event."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.auth import optional_user
from apps.accounts.decorators import sign_in_required_for_post
from apps.events import recording
from apps.matches.events import tournament_stream
from apps.matches.formats import format_of
from apps.tournaments import services
from apps.tournaments.forms.entrants import EnterForm, RegistrationForm
from apps.tournaments.models import Tournament
from apps.tournaments.participation import Participation, participation
from apps.tournaments.services.prizes import shares
from apps.tournaments.views.fragments import fragment_cache
from apps.tournaments.views.lookups import visible_tournament
from apps.web.forms import Action, Actions, PageForms, with_error_status

FEED_LENGTH = 30


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required_for_post
def tournament_page(request: HttpRequest, tournament_id: int) -> HttpResponse:
    tournament = visible_tournament(request, tournament_id)
    seq = recording.head(tournament_stream(tournament_id))
    me = optional_user(request)
    part = participation(tournament, me)
    forms = PageForms(request, _actions(part, tournament_id), player=me)
    if forms.done:
        return redirect("tournament_page", tournament_id)
    page = {"forms": forms, "participation": part, "seq": seq}
    page |= _shown(visible_tournament(request, tournament_id))
    return with_error_status(render(request, "tournaments/tournament.html", page), forms)


@require_safe
def tournament_parts(request: HttpRequest, tournament_id: int) -> HttpResponse:
    fragments = fragment_cache.get(visible_tournament(request, tournament_id))
    return render(request, "tournaments/_fragments.html", {"fragments": fragments})


def _shown(tournament: Tournament) -> dict[str, Any]:
    fragments = fragment_cache.get(tournament)
    name = tournament_stream(tournament.pk)
    recent = recording.since(name, max(0, fragments.seq - FEED_LENGTH), limit=FEED_LENGTH)
    return {
        "tournament": tournament,
        "fragments": fragments,
        "recent": recent[::-1],
        "draw_heading": format_of(tournament).heading,
        "prizes": _prizes(tournament),
    }


def _prizes(tournament: Tournament) -> list[tuple[int, int]]:
    """Coins and percent of each place."""
    split = tournament.prize_split
    coins = shares(tournament.prize_coins, split, range(1, len(split) + 1))
    return list(zip(coins, split, strict=True))


def _actions(part: Participation, tournament_id: int) -> Actions:
    enter = partial(services.registration_create, tournament_id=tournament_id)
    enter_form = partial(EnterForm, teams=part.teams)
    withdrawn = f"You've withdrawn. {part.refund_message}".rstrip()
    return {
        "enter": Action(enter, enter_form),
        "withdraw": Action(services.registration_withdraw, RegistrationForm, withdrawn),
        "check_in": Action(services.registration_check_in, RegistrationForm, "You're checked in."),
    }
