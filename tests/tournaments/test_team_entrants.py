"""Captains enter teams. The roster is locked at check-in or at the start."""

import pytest
from django.test import Client

from apps.events.recording import since
from apps.games.models import Game
from apps.matches.exceptions import NotYourMatch
from apps.matches.services import match_report
from apps.payments.selectors import wallet_balance
from apps.teams.models import Team
from apps.teams.services import captain_change
from apps.tournaments import exceptions, services
from apps.tournaments.models import Tournament
from tests import factories
from tests.factories import make_team
from tests.tournaments import steps
from tests.tournaments.steps import GAME

pytestmark = pytest.mark.django_db


def open_check_in(tournament: Tournament) -> None:
    steps.by_organizer(services.tournament_check_in_open, tournament)


def start(tournament: Tournament) -> None:
    steps.by_organizer(services.tournament_start, tournament)


def test_invalid_teams_are_rejected() -> None:
    tournament, team = steps.team_tournament(), make_team(GAME)
    for invalid, error in (
        (make_team(GAME, members=2), exceptions.RosterTooSmall),
        (make_team("Dota 2"), exceptions.TeamOfAnotherGame),
    ):
        with pytest.raises(error):
            steps.enter(tournament, invalid)
    with pytest.raises(exceptions.NotTheTeamsCaptain):
        steps.enter(tournament, team, by=steps.other_member(team))
    with pytest.raises(exceptions.TeamNeeded):
        factories.register(tournament)
    with pytest.raises(exceptions.NoTeamNeeded):
        steps.enter(factories.make_tournament(game_title=GAME), team)


def test_a_team_enters_once_also_with_a_new_captain() -> None:
    tournament, team = steps.team_tournament(), make_team(GAME)
    steps.enter(tournament, team)
    with pytest.raises(exceptions.AlreadyRegistered):
        steps.enter(tournament, team)
    team.captain = factories.make_user()
    team.save()
    with pytest.raises(exceptions.AlreadyRegistered):
        steps.enter(tournament, team)


def test_a_captain_cannot_be_needed_for_a_second_team() -> None:
    tournament, first, second = steps.team_tournament(), make_team(GAME), make_team(GAME, members=2)
    steps.enter(tournament, first)
    factories.join(second, first.captain)
    with pytest.raises(exceptions.PlayerInTwoTeams):
        steps.enter(tournament, second)


def test_a_member_of_a_refunded_team_can_play_for_another() -> None:
    tournament = steps.team_tournament(check_in_minutes=30, entry_fee=100)
    refunded, other = make_team(GAME), make_team(GAME)
    first, second = steps.enter(tournament, refunded), steps.enter(tournament, other)
    payment, _ = (factories.pay(registration) for registration in (first, second))
    open_check_in(tournament)
    steps.check_in(first)
    factories.refund(payment)
    factories.join(other, refunded.captain)
    steps.check_in(second)
    assert second.roster.filter(user=refunded.captain).exists()


def test_a_team_that_lost_a_player_keeps_its_paid_seat_and_its_captain() -> None:
    tournament = steps.team_tournament(check_in_minutes=30, entry_fee=100)
    team = make_team(GAME)
    registration = steps.enter(tournament, team)
    open_check_in(tournament)
    steps.leave(team, steps.other_member(team))
    factories.pay(registration)
    assert steps.status(registration) == "confirmed"
    with pytest.raises(exceptions.TeamEntered):
        steps.change_captain(team)
    assert "registration.checked_in" not in steps.event_names(tournament)
    factories.join(team, factories.make_user())
    steps.check_in(registration)
    assert steps.status(registration) == "checked_in"


def test_a_standby_team_that_lost_a_player_does_not_prevent_the_start() -> None:
    tournament, teams = steps.with_teams(4, check_in_minutes=30, capacity=3)
    open_check_in(tournament)
    for registration in tournament.registrations.exclude(team=teams[0]):
        steps.check_in(registration)
    steps.leave(teams[3], steps.other_member(teams[3]))
    start(tournament)
    assert steps.statuses(tournament) == ["no_show", "checked_in", "checked_in", "no_show"]


def test_a_captain_plays_only_for_the_own_team() -> None:
    tournament = steps.team_tournament(check_in_minutes=30, prize_coins=300, prize_split=[50, 50])
    led, joined = make_team(GAME, members=4), make_team(GAME)
    registrations = [steps.enter(tournament, team) for team in (led, joined)]
    factories.join(joined, led.captain)
    open_check_in(tournament)
    for registration in reversed(registrations):  # although the other team checks in first
        steps.check_in(registration)
    start(tournament)
    factories.play(tournament.matches.get())
    services.prize_pay(tournament_id=tournament.pk)
    assert not registrations[1].roster.filter(user=led.captain).exists()
    assert wallet_balance(owner=led.captain) == 39
    members = {member for team in (led, joined) for member in team.members.all()}
    assert sum(wallet_balance(owner=member) for member in members) == 300


def test_a_champion_team_is_shown_by_its_name(client: Client) -> None:
    tournament, [winner, _] = steps.with_teams(2)
    start(tournament)
    factories.play_all(tournament)
    last = since(f"tournament:{tournament.pk}", 0)[-1]
    assert (last.name, last.data["entrant"]["name"]) == ("tournament.completed", winner.name)
    assert f"Champion: </span>{winner.name}" in client.get("/").content.decode()


@pytest.mark.parametrize("capacity", [2, 3], ids=["waitlisted", "seated"])
def test_the_captain_of_an_entered_team_cannot_change(capacity: int) -> None:
    tournament, [*_, team] = steps.with_teams(3, capacity=capacity, check_in_minutes=30)
    with pytest.raises(exceptions.TeamEntered):
        steps.change_captain(team)
    open_check_in(tournament)
    with pytest.raises(exceptions.TeamEntered):
        steps.change_captain(team)
    assert Team.objects.get(pk=team.pk).captain == team.captain
    names = [event.name for event in since(f"team:{team.pk}", 0)]
    assert "team.captain_changed" not in names
    steps.withdraw(tournament.registrations.get(team=team))
    steps.change_captain(team)


def test_the_captain_at_the_lock_acts_for_the_team_and_its_roster_wins() -> None:
    tournament, [winner, loser] = steps.with_teams(2, prize_coins=100)
    start(tournament)
    roster, captain = list(winner.members.all()), winner.captain
    new_captain = steps.change_captain(winner)
    steps.leave(winner, captain)
    factories.join(Team.objects.get(pk=winner.pk), factories.make_user())
    match = tournament.matches.get()
    with pytest.raises(NotYourMatch):
        match_report(match_id=match.pk, player=new_captain, score=(2, 0))
    factories.play(match)
    assert services.prize_pay(tournament_id=tournament.pk)
    balances = {member: wallet_balance(owner=member) for member in roster}
    assert balances.pop(captain) == 34
    assert set(balances.values()) == {33}
    assert all(wallet_balance(owner=member) == 0 for member in loser.members.all())


def test_the_roster_includes_a_captain_who_joined_last_and_members_who_leave_later() -> None:
    tournament, team = steps.team_tournament(check_in_minutes=30), make_team(GAME, members=5)
    last = team.memberships.latest("pk").user
    captain_change(team_id=team.pk, captain=team.captain, user_id=last.pk)
    registration = steps.enter(tournament, Team.objects.get(pk=team.pk))
    Game.objects.filter(pk=GAME).update(roster_max=3)
    open_check_in(tournament)
    steps.check_in(registration)
    assert registration.roster.filter(user=last).exists()
    for member in registration.roster.exclude(user=last):
        steps.leave(Team.objects.get(pk=team.pk), member.user)
    assert registration.roster.count() == 3
