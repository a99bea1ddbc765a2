from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.auth import optional_user, user
from apps.accounts.decorators import sign_in_required, sign_in_required_for_post
from apps.teams import selectors, services
from apps.teams.forms import InvitationForm, InviteForm, MemberForm, TeamForm
from apps.teams.models import Team
from apps.web.forms import Action, PageForms, with_error_status

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
    me = user(request)
    role = "captain" if request.POST.get("do") in CREATE else "player"
    forms = PageForms(request, CREATE | ANSWER, **{role: me})
    if form := forms.done:
        result = form.result
        return redirect("team", result.pk if isinstance(result, Team) else result.team_id)
    page = {
        "forms": forms,
        "teams": selectors.teams_of(user=me),
        "invitations": selectors.invitations_of(user=me),
    }
    return with_error_status(render(request, "teams/teams.html", page), forms)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required_for_post
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    shown = selectors.team_get(team_id=team_id)
    forms = PageForms(request, TEAM_ACTIONS, **_arguments(request, team_id))
    if forms.done:
        return redirect("team", team_id)
    page = {
        "forms": forms,
        "team": shown,
        "members": shown.members.all(),
        "invitations": selectors.invitations_by(team=shown),
        "is_captain": shown.captain == optional_user(request),
    }
    return with_error_status(render(request, "teams/team.html", page), forms)


def _arguments(request: HttpRequest, team_id: int) -> dict[str, object]:
    action = request.POST.get("do")
    actor = "by" if action == "remove" else "captain"
    arguments: dict[str, object] = {actor: optional_user(request)}
    return arguments if action == "withdraw" else arguments | {"team_id": team_id}
