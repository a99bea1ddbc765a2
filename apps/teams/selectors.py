from django.db.models import Prefetch, QuerySet

from apps.accounts.models import User
from apps.teams.exceptions import TeamNotFound
from apps.teams.models import Invitation, Team


def team_list() -> QuerySet[Team]:
    """With its game, captain and members."""
    members = Prefetch("members", User.objects.order_by("pk"))
    return Team.objects.select_related("game", "captain").prefetch_related(members)


def teams_of(*, user: User) -> QuerySet[Team]:
    return team_list().filter(memberships__user=user).order_by("name")


def team_get(*, team_id: int) -> Team:
    """Raises TeamNotFound."""
    team = team_list().filter(pk=team_id).first()
    if team is None:
        raise TeamNotFound
    return team


def invitations_of(*, user: User) -> QuerySet[Invitation]:
    """Open invitations to the user."""
    invitations = Invitation.objects.filter(user=user, status=Invitation.Status.OPEN)
    return invitations.select_related("team__game", "team__captain", "user")


def invitations_by(*, team: Team) -> QuerySet[Invitation]:
    """Open invitations to the team."""
    invitations = team.invitations.filter(status=Invitation.Status.OPEN)
    return invitations.select_related("user").order_by("pk")
