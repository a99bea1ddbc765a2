from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.auth import user
from apps.accounts.decorators import person, signed_in, signed_in_to_post
from apps.api.schemas import MAX_ID
from apps.teams import selectors, services
from apps.teams.exceptions import TeamNotFound
from apps.teams.forms import InvitationForm, InviteForm, MemberForm, TeamForm
from apps.teams.models import Team
from apps.web.forms import Action, build_forms, submit, with_error_status

FOUND = {"create": Action(services.team_create, TeamForm, "The team is made: invite its players.")}
ANSWERS = {
    "accept": Action(services.invitation_accept, InvitationForm, "Welcome to the team."),
    "decline": Action(services.invitation_decline, InvitationForm, "You declined."),
}
OF_CAPTAIN = {
    "invite": Action(services.invitation_create, InviteForm, "The invitation is out."),
    "withdraw": Action(
        services.invitation_withdraw, InvitationForm, "The invitation is withdrawn."
    ),
    "hand_over": Action(services.captain_change, MemberForm, "The team has a new captain."),
}
OF_MEMBERS = {"remove": Action(services.member_remove, MemberForm, "The player has left the team.")}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def teams(request: HttpRequest) -> HttpResponse:
    """Yours: those you play in, those that ask you, and a new one."""
    me, forms = user(request), build_forms(FOUND | ANSWERS)
    if request.method == "POST":
        who = {"captain": me} if request.POST.get("do") in FOUND else {"player": me}
        form = submit(request, FOUND | ANSWERS, **who)
        if form.done:
            made = form.result
            return redirect("team", made.pk if isinstance(made, Team) else made.team_id)
        forms[form.action] = form
    page = {
        "forms": forms,
        "teams": selectors.teams_of(user=me),
        "invitations": selectors.invitations_of(user=me),
    }
    return with_error_status(render(request, "teams/teams.html", page), forms)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_to_post
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    shown, forms = _found(team_id), build_forms(OF_CAPTAIN | OF_MEMBERS)
    if request.method == "POST":
        form = submit(request, OF_CAPTAIN | OF_MEMBERS, **_known(request, team_id))
        if form.done:
            return redirect("team", team_id)
        forms[form.action] = form
    page = {
        "forms": forms,
        "team": shown,
        "members": sorted(shown.members.all(), key=lambda one: one.pk),
        "invitations": selectors.invitations_by(team=shown),
        "leads": shown.captain == person(request),
    }
    return with_error_status(render(request, "teams/team.html", page), forms)


def _known(request: HttpRequest, team_id: int) -> dict[str, object]:
    match request.POST.get("do"):
        case "withdraw":
            return {"captain": user(request)}
        case "remove":
            return {"team_id": team_id, "by": user(request)}
    return {"team_id": team_id, "captain": user(request)}


def _found(team_id: int) -> Team:
    if team_id > MAX_ID:
        raise Http404
    try:
        return selectors.team_get(team_id=team_id)
    except TeamNotFound:
        raise Http404 from None
