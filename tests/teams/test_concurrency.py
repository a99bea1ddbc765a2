from collections.abc import Callable
from functools import partial

import pytest

from apps.accounts.models import User
from apps.teams import services
from apps.teams.models import Team
from tests import factories
from tests.threads import run_overlapping
from tests.tournaments.steps import other_member

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team() -> Team:
    return factories.make_team()


def during_captain_change(team: Team, to: User, job: Callable[[], object]) -> object:
    """The result of the job, which starts after the change and before its commit."""
    change = partial(services.captain_change, team_id=team.pk, captain=team.captain, user_id=to.pk)
    return run_overlapping(change, job)[1]


def inviting(team: Team, captain: User) -> Callable[[], object]:
    username = factories.make_user().username
    return partial(services.invitation_create, team_id=team.pk, captain=captain, username=username)


def test_the_former_captain_cannot_invite(team: Team) -> None:
    invite = inviting(team, team.captain)
    assert during_captain_change(team, other_member(team), invite) == "not_the_captain"


def test_the_new_captain_can_invite(team: Team) -> None:
    member = other_member(team)
    during_captain_change(team, member, inviting(team, member))
    assert team.invitations.filter(status="open").exists()


def test_a_member_can_leave_meanwhile(team: Team) -> None:
    member = other_member(team)
    leaver = team.members.exclude(pk__in=[member.pk, team.captain_id]).get()
    leave = partial(services.member_remove, team_id=team.pk, user_id=leaver.pk, by=leaver)
    during_captain_change(team, member, leave)
    assert not team.members.filter(pk=leaver.pk).exists()
