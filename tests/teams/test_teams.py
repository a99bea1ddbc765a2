import pytest

from apps.accounts.models import User
from apps.events.recording import since
from apps.teams import exceptions, services
from apps.teams.models import Team
from apps.teams.selectors import invitations_of, teams_of
from apps.teams.services import MAX_TEAMS_LED
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def captain() -> User:
    return factories.make_user("Captain")


@pytest.fixture
def team(captain: User) -> Team:
    """Tekken 8 teams have one to three players."""
    return services.team_create(captain=captain, name="Iron Fists", game_title="Tekken 8")


def invite(team: Team, player: User) -> int:
    invitation = services.invitation_create(
        team_id=team.pk, captain=team.captain, username=player.username
    )
    return invitation.pk


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u202eabc", "a\nb"])
def test_an_invisible_name_is_invalid(name: str, captain: User) -> None:
    with pytest.raises(exceptions.BadTeamName):
        services.team_create(captain=captain, name=name, game_title="Dota 2")


def test_the_number_of_teams_per_captain_is_limited(captain: User) -> None:
    for n in range(MAX_TEAMS_LED):
        services.team_create(captain=captain, name=f"Team {n}", game_title="Dota 2")
    with pytest.raises(exceptions.TooManyTeams):
        services.team_create(captain=captain, name="Another", game_title="Dota 2")


def test_an_invited_player_joins(team: Team) -> None:
    player = factories.make_user()
    invitation = invite(team, player)
    assert [each.pk for each in invitations_of(user=player)] == [invitation]
    services.invitation_accept(invitation_id=invitation, player=player)
    assert list(teams_of(user=player)) == [team]
    assert not invitations_of(user=player)
    names = [event.name for event in since(f"team:{team.pk}", 0)]
    assert names == ["team.created", "team.player_invited", "team.member_joined"]


def test_a_member_or_invited_player_cannot_be_invited(team: Team) -> None:
    player = factories.make_user()
    invitation = invite(team, player)
    with pytest.raises(exceptions.AlreadyMember):
        invite(team, player)
    services.invitation_accept(invitation_id=invitation, player=player)
    with pytest.raises(exceptions.AlreadyMember):
        invite(team, player)


def test_a_player_can_be_invited_again_after_declining(team: Team) -> None:
    player = factories.make_user()
    services.invitation_decline(invitation_id=invite(team, player), player=player)
    factories.join(team, player)
    assert team.members.count() == 2


def test_open_invitations_count_as_members(team: Team) -> None:
    for _ in range(2):
        invite(team, factories.make_user())
    with pytest.raises(exceptions.TeamFull):
        invite(team, factories.make_user())


def test_other_users_cannot_answer_or_cancel_an_invitation(team: Team) -> None:
    invitation = invite(team, factories.make_user())
    stranger = factories.make_user()
    with pytest.raises(exceptions.InvitationNotFound):
        services.invitation_accept(invitation_id=invitation, player=stranger)
    with pytest.raises(exceptions.InvitationNotFound):
        services.invitation_withdraw(invitation_id=invitation, captain=stranger)


def test_a_canceled_invitation_cannot_be_accepted(team: Team) -> None:
    player = factories.make_user()
    invitation = invite(team, player)
    services.invitation_withdraw(invitation_id=invitation, captain=team.captain)
    with pytest.raises(exceptions.InvitationClosed):
        services.invitation_accept(invitation_id=invitation, player=player)


def test_only_members_can_become_captain(team: Team, captain: User) -> None:
    player = factories.make_user()
    with pytest.raises(exceptions.MemberNotFound):
        services.captain_change(team_id=team.pk, captain=captain, user_id=player.pk)
    factories.join(team, player)
    services.captain_change(team_id=team.pk, captain=captain, user_id=player.pk)
    services.member_remove(team_id=team.pk, user_id=captain.pk, by=captain)
    assert list(team.members.all()) == [player]
