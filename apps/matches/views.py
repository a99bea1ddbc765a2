from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.auth import optional_user
from apps.accounts.decorators import sign_in_required_for_post
from apps.events import recording
from apps.matches import services
from apps.matches.bracket_presenter import labeled
from apps.matches.events import tournament_stream
from apps.matches.forms import CounterForm, DecisionForm, EvidenceForm, ForfeitForm, ScoreForm
from apps.matches.models import Match
from apps.matches.presenters import present
from apps.matches.selectors import match_get
from apps.web.forms import Action, Actions, PageForms, with_error_status

# The keyword under which each service takes the user; "player" for the others.
ACTORS = {"decide": "organizer", "correct": "organizer", "forfeit": "by", "forfeit_of": "by"}


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required_for_post
def match_room(request: HttpRequest, match_id: int) -> HttpResponse:
    match = match_get(match_id=match_id)
    seq = recording.head(tournament_stream(match.tournament_id))
    forms = PageForms(request, _actions(match), match_id=match_id, **_actor(request))
    if forms.done:
        return redirect("match_room", match_id)
    if request.method == "POST":
        match = match_get(match_id=match_id)
    [(_, label)] = labeled([match])
    shown = {"match": match, "match_label": label, "room": present(match, optional_user(request))}
    page = render(request, "matches/room.html", {"forms": forms, "seq": seq, **shown})
    return with_error_status(page, forms)


def _actions(match: Match) -> Actions:
    forms = (ScoreForm, CounterForm, DecisionForm)
    score, counter, decision = (partial(form, match=match) for form in forms)
    return {
        "report": Action(services.match_report, score, "Score reported."),
        "counter": Action(services.match_report, counter, "Dispute opened."),
        "confirm": Action(services.match_confirm, success_message="Result confirmed."),
        "dispute": Action(services.match_dispute, EvidenceForm, "Sent to the organizer."),
        "forfeit": Action(services.match_forfeit, success_message="You forfeited."),
        "forfeit_of": Action(services.match_forfeit, ForfeitForm, "Result set."),
        "decide": Action(services.match_decide, decision, "Result set."),
        "correct": Action(services.match_correct, score, "Result corrected."),
    }


def _actor(request: HttpRequest) -> dict[str, Any]:
    return {ACTORS.get(request.POST.get("do", ""), "player"): optional_user(request)}
