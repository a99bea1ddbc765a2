"""The tournament page for members of a team: by membership until the roster is locked, then by the
roster."""

import pytest

from apps.tournaments import services
from tests import factories
from tests.tournaments.pages import page_of
from tests.tournaments.steps import (
    by_organizer,
    change_captain,
    check_in,
    leave,
    other_member,
    with_teams,
)

pytestmark = pytest.mark.django_db
REGISTERED = "You're registered."


def test_before_the_start_current_members_are_registered() -> None:
    tournament, [team] = with_teams(1, members=4)
    leaver, newcomer = other_member(team), factories.make_user()
    assert REGISTERED in page_of(leaver, tournament)
    leave(team, leaver)
    factories.join(team, newcomer)
    assert REGISTERED not in page_of(leaver, tournament)
    assert REGISTERED in page_of(newcomer, tournament)


def test_after_the_start_the_roster_is_registered() -> None:
    tournament, [team, _] = with_teams(2)
    captain = team.captain
    by_organizer(services.tournament_start, tournament)
    leaver, newcomer = other_member(team), factories.make_user()
    leave(team, leaver)
    factories.join(team, newcomer)
    assert REGISTERED in page_of(leaver, tournament)
    assert REGISTERED not in page_of(newcomer, tournament)
    team.refresh_from_db()
    new_captain = change_captain(team)
    leave(team, captain)
    for player in (captain, new_captain):
        assert REGISTERED in page_of(player, tournament)
    factories.play_all(tournament)
    assert "You finished 1st." in page_of(leaver, tournament)
    assert "You finished" not in page_of(newcomer, tournament)


def test_a_member_of_two_teams_sees_the_team_with_the_member_on_its_roster() -> None:
    tournament, teams = with_teams(2, check_in_minutes=30)
    member = factories.make_user()
    for team in teams:
        factories.join(team, member)
    by_organizer(services.tournament_check_in_open, tournament)
    assert REGISTERED in page_of(member, tournament)
    check_in(tournament.registrations.get(team=teams[1]))
    assert "You're checked in." in page_of(member, tournament)


def test_members_of_a_team_without_a_seat_see_why() -> None:
    tournament, [_, _, team] = with_teams(3, capacity=2)
    members = (team.captain, other_member(team))
    for member in members:
        assert "You're on the waiting list." in page_of(member, tournament)
    by_organizer(services.tournament_start, tournament)
    for member in members:
        page = page_of(member, tournament)
        assert "The tournament started before a spot opened up for you." in page
