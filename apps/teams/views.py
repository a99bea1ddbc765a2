from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.auth import optional_user, user
from apps.accounts.decorators import sign_in_required, sign_in_required_for_post
from apps.teams import selectors, services
from apps.teams.forms import InvitationForm, InviteForm, MemberForm, TeamForm
from apps.teams.models import Team
from apps.web.forms import Action, build_forms, submit, with_error_status

CREATE = {"create": Action(services.team_create, TeamForm, "Team created. Invite your players.")}
ANSWER = {
    "accept": Action(services.invitation_accept, InvitationForm, "Welcome to the team."),
    "decline": Action(services.invitation_decline, InvitationForm, "Invitation declined."),
}
TEAM_ACTIONS = {
    "invite": Action(services.invitation_create, InviteForm, "Invitation sent."),
    "withdraw": Action(services.invitation_withdraw, InvitationForm, "Invitation canceled."),
    "hand_over": Action(services.captain_change, MemberForm, "The team has a new captain."),
    "remove": Action(services.member_remove, MemberForm, "The player has left the team."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def teams(request: HttpRequest) -> HttpResponse:
    me, forms = user(request), build_forms(CREATE | ANSWER)
    if request.method == "POST":
        role = "captain" if request.POST.get("do") in CREATE else "player"
        form = submit(request, CREATE | ANSWER, **{role: me})
        if form.done:
            result = form.result
            return redirect("team", result.pk if isinstance(result, Team) else result.team_id)
        forms[form.action] = form
    page = {
        "forms": forms,
        "teams": selectors.teams_of(user=me),
        "invitations": selectors.invitations_of(user=me),
    }
    return with_error_status(render(request, "teams/teams.html", page), forms)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required_for_post
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    shown, forms = selectors.team_get(team_id=team_id), build_forms(TEAM_ACTIONS)
    if request.method == "POST":
        form = submit(request, TEAM_ACTIONS, **_arguments(request, team_id))
        if form.done:
            return redirect("team", team_id)
        forms[form.action] = form
    page = {
        "forms": forms,
        "team": shown,
        "members": sorted(shown.members.all(), key=lambda member: member.pk),
        "invitations": selectors.invitations_by(team=shown),
        "is_captain": shown.captain == optional_user(request),
    }
    return with_error_status(render(request, "teams/team.html", page), forms)


def _arguments(request: HttpRequest, team_id: int) -> dict[str, object]:
    match request.POST.get("do"):
        case "withdraw":
            return {"captain": user(request)}
        case "remove":
            return {"team_id": team_id, "by": user(request)}
    return {"team_id": team_id, "captain": user(request)}
