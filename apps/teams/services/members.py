from django.db import transaction

from apps.accounts.models import User
from apps.events.recording import record
from apps.teams.events import CaptainChanged, MemberLeft
from apps.teams.exceptions import CaptainStays, MemberNotFound, NotTheCaptain
from apps.teams.models import Membership, Team
from apps.teams.services.teams import team_locked, team_of_captain


@transaction.atomic
def member_remove(*, team_id: int, user_id: int, by: User) -> Team:
    """A member leaves, or the captain removes a member. Locked rosters of tournaments stay as they
    are. Raises TeamNotFound, NotTheCaptain, MemberNotFound and CaptainStays."""
    team = team_locked(team_id)
    if by.pk not in (user_id, team.captain_id):
        raise NotTheCaptain
    member = _member(team, user_id)
    if team.captain_id == user_id:
        raise CaptainStays
    member.delete()
    record(MemberLeft(team_id=team.pk, player=member.user.as_person()))
    return team


@transaction.atomic
def captain_change(*, team_id: int, captain: User, user_id: int) -> Team:
    """In a tournament with a locked roster, the captain at that time keeps acting for the team.
    Raises TeamNotFound, NotTheCaptain, MemberNotFound, and TeamEntered if the team is registered
    and the roster is not locked yet."""
    team = team_of_captain(team_id, captain)
    member = _member(team, user_id)
    team.captain = member.user
    team.save(update_fields=["captain"])
    record(CaptainChanged(team_id=team.pk, player=member.user.as_person()))
    return team


def _member(team: Team, user_id: int) -> Membership:
    member = Membership.objects.select_related("user").filter(team=team, user=user_id).first()
    if member is None:
        raise MemberNotFound
    return member
