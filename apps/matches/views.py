from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.auth import optional_user, user
from apps.accounts.decorators import sign_in_required_for_post
from apps.api.schemas import MAX_ID
from apps.events import recording
from apps.matches import services
from apps.matches.bracket_presenter import placed
from apps.matches.events import tournament_stream
from apps.matches.exceptions import MatchNotFound
from apps.matches.forms import CounterForm, DecisionForm, EvidenceForm, ForfeitForm, ScoreForm
from apps.matches.models import Match
from apps.matches.presenters import room
from apps.matches.selectors import match_get
from apps.web.forms import Action, Actions, build_forms, submit, with_error_status

# As whom one does it: what the service calls it.
WHO = {"decide": "organizer", "correct": "organizer", "forfeit": "by", "forfeit_of": "by"}


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required_for_post
def match_room(request: HttpRequest, match_id: int) -> HttpResponse:
    match = _found(match_id)
    seq = recording.head(tournament_stream(match.tournament_id))
    actions = _actions(match)
    forms = build_forms(actions)
    if request.method == "POST":
        form = submit(request, actions, match_id=match_id, **_who(request))
        if form.done:
            return redirect("match_room", match_id)
        forms[form.action] = form
        match = _found(match_id)
    [(_, place)] = placed([match])
    shown = {"match": match, "place": place, "room": room(match, optional_user(request))}
    page = {"forms": forms, "seq": seq, **shown}
    return with_error_status(render(request, "matches/room.html", page), forms)


def _actions(match: Match) -> Actions:
    def with_names(form: Any) -> Any:
        return partial(form, match=match)

    return {
        "report": Action(services.match_report, with_names(ScoreForm), "Your result is in."),
        "counter": Action(services.match_report, with_names(CounterForm), "The organizer decides."),
        "confirm": Action(services.match_confirm, success_message="The match is over."),
        "dispute": Action(services.match_dispute, EvidenceForm, "The organizer will read it."),
        "forfeit": Action(services.match_forfeit, success_message="You gave the match up."),
        "forfeit_of": Action(services.match_forfeit, ForfeitForm, "The match is over."),
        "decide": Action(services.match_decide, with_names(DecisionForm), "Decided."),
        "correct": Action(
            services.match_correct, with_names(ScoreForm), "The result is put right."
        ),
    }


def _who(request: HttpRequest) -> dict[str, Any]:
    return {WHO.get(request.POST.get("do", ""), "player"): user(request)}


def _found(match_id: int) -> Match:
    if match_id > MAX_ID:
        raise Http404
    try:
        return match_get(match_id=match_id)
    except MatchNotFound:
        raise Http404 from None
