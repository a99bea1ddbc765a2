"""What a tournament's page says to who is in a team: by the team until its roster is locked, by the
roster then."""

from typing import Any

import pytest

from apps.accounts.models import User
from apps.teams.models import Team
from apps.teams.services import captain_change, member_remove
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db
IN, WAITS = "You're registered.", "You're on the waiting list."


def cup(**fields: Any) -> Tournament:
    return factories.make_tournament(game_title="Rocket League", team_based=True, **fields)


def enter(tournament: Tournament, team: Team) -> Registration:
    return services.registration_create(
        tournament_id=tournament.pk, player=team.captain, team_id=team.pk
    )


def start(tournament: Tournament) -> None:
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)


def mate_of(team: Team) -> User:
    mate = team.members.exclude(pk=team.captain_id).first()
    assert mate is not None
    return mate


def leave(team: Team, player: User) -> None:
    member_remove(team_id=team.pk, user_id=player.pk, by=player)


def page_of(player: User, tournament: Tournament) -> str:
    return text(of(player).get(path(tournament)))


def test_until_the_start_who_joins_is_in_and_who_leaves_is_not() -> None:
    tournament, team = cup(), factories.make_team(members=4)
    enter(tournament, team)
    leaver, newcomer = mate_of(team), factories.make_user()
    assert IN in page_of(leaver, tournament)
    leave(team, leaver)
    factories.join(team, newcomer)
    assert IN not in page_of(leaver, tournament)
    assert IN in page_of(newcomer, tournament)


def test_after_the_start_who_leaves_plays_on_and_who_joins_does_not_play() -> None:
    tournament, team = cup(), factories.make_team()
    for one in (team, factories.make_team()):
        enter(tournament, one)
    start(tournament)
    leaver, newcomer = mate_of(team), factories.make_user()
    leave(team, leaver)
    factories.join(team, newcomer)
    assert IN in page_of(leaver, tournament)
    assert IN not in page_of(newcomer, tournament)
    factories.play_all(tournament)
    assert "You finished 1st." in page_of(leaver, tournament)
    assert "You finished" not in page_of(newcomer, tournament)


def test_who_led_the_team_at_the_start_acts_and_who_leads_it_now_looks_on() -> None:
    tournament, team = cup(), factories.make_team()
    for one in (team, factories.make_team()):
        enter(tournament, one)
    start(tournament)
    heir = mate_of(team)
    captain_change(team_id=team.pk, captain=team.captain, user_id=heir.pk)
    leave(team, team.captain)
    assert IN in page_of(team.captain, tournament)
    assert IN in page_of(heir, tournament)


def test_who_is_in_two_teams_sees_the_one_that_has_them_on_its_roster() -> None:
    tournament = cup(check_in_minutes=30)
    first, second = factories.make_team(), factories.make_team()
    enter(tournament, first)
    checks_in = enter(tournament, second)
    in_both = factories.make_user()
    for team in (first, second):
        factories.join(team, in_both)
    services.tournament_check_in_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert IN in page_of(in_both, tournament)
    services.registration_check_in(registration_id=checks_in.pk, player=second.captain)
    assert "You're checked in." in page_of(in_both, tournament)


def test_a_team_that_got_no_seat_is_told_so() -> None:
    tournament = cup(capacity=2)
    for _ in range(2):
        enter(tournament, factories.make_team())
    team = factories.make_team()
    enter(tournament, team)
    both = (team.captain, mate_of(team))
    assert all(WAITS in page_of(one, tournament) for one in both)
    start(tournament)
    told = "The tournament started before a spot opened up for you."
    assert all(told in page_of(one, tournament) for one in both)
