import pytest

from apps.accounts.models import User
from apps.events.recording import since
from apps.teams import services
from apps.teams.exceptions import (
    AlreadyMember,
    BadTeamName,
    CaptainStays,
    InvitationClosed,
    InvitationNotFound,
    MemberNotFound,
    NotTheCaptain,
    TeamFull,
    TeamNameTaken,
    TooManyTeams,
)
from apps.teams.models import Team
from apps.teams.selectors import invitations_of, teams_of
from apps.teams.services.teams import MAX_TEAMS_LED
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def captain() -> User:
    return factories.make_user("Captain")


@pytest.fixture
def team(captain: User) -> Team:
    """Of Tekken 8, which takes one to three players."""
    return services.team_create(captain=captain, name="Iron Fists", game_title="Tekken 8")


def invite(team: Team, player: User) -> int:
    made = services.invitation_create(
        team_id=team.pk, captain=team.captain, username=player.username
    )
    return made.pk


def join(team: Team, player: User) -> None:
    services.invitation_accept(invitation_id=invite(team, player), player=player)


def test_who_makes_a_team_leads_it_and_is_in_it(team: Team, captain: User) -> None:
    assert team.captain == captain
    assert list(teams_of(user=captain)) == [team]


def test_a_name_is_taken_whatever_its_case(team: Team) -> None:
    with pytest.raises(TeamNameTaken):
        services.team_create(
            captain=factories.make_user(), name="IRON fists", game_title="Tekken 8"
        )


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u202eabc", "a\nb"])
def test_a_name_can_be_seen(name: str, captain: User) -> None:
    with pytest.raises(BadTeamName):
        services.team_create(captain=captain, name=name, game_title="Dota 2")


def test_a_captain_leads_only_so_many(captain: User) -> None:
    for n in range(MAX_TEAMS_LED):
        services.team_create(captain=captain, name=f"Team {n}", game_title="Dota 2")
    with pytest.raises(TooManyTeams):
        services.team_create(captain=captain, name="Another", game_title="Dota 2")


def test_the_invited_joins(team: Team) -> None:
    player = factories.make_user()
    invitation = invite(team, player)
    assert [one.pk for one in invitations_of(user=player)] == [invitation]
    services.invitation_accept(invitation_id=invitation, player=player)
    assert list(teams_of(user=player)) == [team]
    assert not invitations_of(user=player)
    names = [event.name for event in since(f"team:{team.pk}", 0)]
    assert names == ["team.created", "team.player_invited", "team.member_joined"]


def test_an_invitation_finds_a_name_whatever_its_case(team: Team) -> None:
    factories.make_user("Ada")
    made = services.invitation_create(team_id=team.pk, captain=team.captain, username="aDA")
    assert made.user.username == "Ada"


def test_nobody_is_asked_twice_nor_while_in_the_team(team: Team) -> None:
    player = factories.make_user()
    invitation = invite(team, player)
    with pytest.raises(AlreadyMember):
        invite(team, player)
    services.invitation_accept(invitation_id=invitation, player=player)
    with pytest.raises(AlreadyMember):
        invite(team, player)


def test_who_declined_can_be_asked_again(team: Team) -> None:
    player = factories.make_user()
    services.invitation_decline(invitation_id=invite(team, player), player=player)
    join(team, player)
    assert team.members.count() == 2


def test_open_invitations_hold_a_place(team: Team) -> None:
    for _ in range(2):
        invite(team, factories.make_user())
    with pytest.raises(TeamFull):
        invite(team, factories.make_user())


def test_nobody_answers_for_another(team: Team) -> None:
    invitation = invite(team, factories.make_user())
    stranger = factories.make_user()
    with pytest.raises(InvitationNotFound):
        services.invitation_accept(invitation_id=invitation, player=stranger)
    with pytest.raises(InvitationNotFound):
        services.invitation_withdraw(invitation_id=invitation, captain=stranger)


def test_an_answer_is_given_once(team: Team) -> None:
    player = factories.make_user()
    invitation = invite(team, player)
    services.invitation_withdraw(invitation_id=invitation, captain=team.captain)
    with pytest.raises(InvitationClosed):
        services.invitation_accept(invitation_id=invitation, player=player)


def test_nobody_of_that_name_can_be_asked(team: Team) -> None:
    with pytest.raises(MemberNotFound):
        services.invitation_create(team_id=team.pk, captain=team.captain, username="nobody")


def test_only_the_captain_asks_and_removes(team: Team, captain: User) -> None:
    player = factories.make_user()
    join(team, player)
    with pytest.raises(NotTheCaptain):
        services.invitation_create(team_id=team.pk, captain=player, username="anybody")
    with pytest.raises(NotTheCaptain):
        services.member_remove(team_id=team.pk, user_id=captain.pk, by=player)


def test_a_member_leaves_and_the_captain_does_not(team: Team, captain: User) -> None:
    player = factories.make_user()
    join(team, player)
    services.member_remove(team_id=team.pk, user_id=player.pk, by=player)
    assert list(team.members.all()) == [captain]
    with pytest.raises(CaptainStays):
        services.member_remove(team_id=team.pk, user_id=captain.pk, by=captain)


def test_a_team_is_handed_over_to_a_member(team: Team, captain: User) -> None:
    player = factories.make_user()
    with pytest.raises(MemberNotFound):
        services.captain_change(team_id=team.pk, captain=captain, user_id=player.pk)
    join(team, player)
    services.captain_change(team_id=team.pk, captain=captain, user_id=player.pk)
    services.member_remove(team_id=team.pk, user_id=captain.pk, by=captain)
    assert list(team.members.all()) == [player]
