"""Teams enter by their captain, with a roster that is locked before the draw."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.events.recording import since
from apps.games.models import Game
from apps.matches.exceptions import NotYourMatch
from apps.matches.services import match_report
from apps.payments.selectors import wallet_balance
from apps.payments.services import refund_create
from apps.teams.models import Team
from apps.teams.services import captain_change, member_remove
from apps.tournaments import services
from apps.tournaments.exceptions import (
    AlreadyRegistered,
    NoTeamNeeded,
    NotTheTeamsCaptain,
    PlayerInTwoTeams,
    RosterTooSmall,
    TeamEntered,
    TeamNeeded,
    TeamOfAnotherGame,
)
from apps.tournaments.models import Registration, Tournament
from tests import factories

pytestmark = pytest.mark.django_db
GAME = "Rocket League"  # three players, with substitutes five


def cup(**fields: Any) -> Tournament:
    return factories.make_tournament(game_title=GAME, team_based=True, **fields)


def team(members: int = 3, game: str = GAME) -> Team:
    return factories.make_team(game, members)


def enter(tournament: Tournament, entrant: Team, by: User | None = None) -> Registration:
    return services.registration_create(
        tournament_id=tournament.pk, player=by or entrant.captain, team_id=entrant.pk
    )


def test_a_team_is_one_entrant_and_has_its_name() -> None:
    entrant = team()
    registration = enter(cup(), entrant)
    assert registration.status == "confirmed"
    assert registration.name == entrant.name


@pytest.mark.parametrize(
    ("members", "game", "refusal"),
    [(2, GAME, RosterTooSmall), (3, "Dota 2", TeamOfAnotherGame)],
)
def test_a_team_has_to_fit(members: int, game: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        enter(cup(), team(members, game))


def test_only_its_captain_enters_it() -> None:
    entrant = team()
    member = entrant.members.exclude(pk=entrant.captain_id).first()
    with pytest.raises(NotTheTeamsCaptain):
        enter(cup(), entrant, by=member)


def test_teams_and_players_do_not_mix() -> None:
    with pytest.raises(TeamNeeded):
        factories.register(cup())
    with pytest.raises(NoTeamNeeded):
        enter(factories.make_tournament(game_title=GAME), team())


def test_a_team_enters_once_whoever_leads_it() -> None:
    tournament, entrant = cup(), team()
    enter(tournament, entrant)
    with pytest.raises(AlreadyRegistered):
        enter(tournament, entrant)
    entrant.captain = factories.make_user()
    entrant.save()
    with pytest.raises(AlreadyRegistered):
        enter(tournament, entrant)


def test_nobody_plays_for_two_teams() -> None:
    tournament, first, second = cup(), team(), team(2)
    enter(tournament, first)
    factories.join(second, first.captain)
    with pytest.raises(PlayerInTwoTeams):
        enter(tournament, second)


def test_the_roster_is_locked_at_check_in() -> None:
    tournament = cup(check_in_minutes=30)
    entrant = team(4)
    registration = enter(tournament, entrant)
    services.tournament_check_in_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    services.registration_check_in(registration_id=registration.pk, player=entrant.captain)
    for member in entrant.members.exclude(pk=entrant.captain_id):
        member_remove(team_id=entrant.pk, user_id=member.pk, by=member)
    assert registration.roster.count() == 4


def test_a_team_that_lost_its_players_is_no_show() -> None:
    tournament = cup()
    teams = [team() for _ in range(3)]
    registrations = [enter(tournament, entrant) for entrant in teams]
    leaves = teams[0].members.exclude(pk=teams[0].captain_id).first()
    assert leaves is not None
    member_remove(team_id=teams[0].pk, user_id=leaves.pk, by=leaves)
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    registrations[0].refresh_from_db()
    assert registrations[0].status == "no_show"
    match = tournament.matches.get()
    assert {match.entrant_a, match.entrant_b} == set(registrations[1:])


def test_who_joined_a_second_team_plays_for_the_first() -> None:
    tournament, first, second = cup(), team(3), team(4)
    a, b = enter(tournament, first), enter(tournament, second)
    factories.join(second, first.captain)
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert a.roster.filter(user=first.captain).exists()
    assert not b.roster.filter(user=first.captain).exists()
    assert b.roster.count() == 4


def test_who_was_in_a_team_that_left_may_play_for_another() -> None:
    tournament, left, other = cup(check_in_minutes=30, entry_fee=100), team(), team()
    a, b = enter(tournament, left), enter(tournament, other)
    for registration in (a, b):
        factories.pay(registration)
    services.tournament_check_in_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    services.registration_check_in(registration_id=a.pk, player=left.captain)
    refund_create(payment_id=a.invoice.payments.get().pk)
    factories.send_refunds()
    factories.join(other, left.captain)
    services.registration_check_in(registration_id=b.pk, player=other.captain)
    assert b.roster.filter(user=left.captain).exists()


@pytest.mark.usefixtures("tasks_in_process")
def test_a_teams_prize_is_shared_and_the_captain_has_the_rest() -> None:
    tournament = cup(prize_coins=100)
    winner, loser = team(3), team(3)
    for entrant in (winner, loser):
        enter(tournament, entrant)
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    factories.play(tournament.matches.get(), (2, 0))
    services.prizes_sweep()
    balances = {member.pk: wallet_balance(owner=member) for member in winner.members.all()}
    assert balances.pop(winner.captain_id) == 34
    assert set(balances.values()) == {33}
    assert all(wallet_balance(owner=member) == 0 for member in loser.members.all())


def checking_in(tournament: Tournament) -> Tournament:
    return services.tournament_check_in_open(
        tournament_id=tournament.pk, organizer=tournament.organizer
    )


def loses_a_player(entrant: Team) -> None:
    leaves = entrant.members.exclude(pk=entrant.captain_id).first()
    assert leaves is not None
    member_remove(team_id=entrant.pk, user_id=leaves.pk, by=leaves)


def test_a_short_team_pays_during_check_in_and_keeps_its_seat() -> None:
    tournament, entrant = cup(check_in_minutes=30, entry_fee=100), team()
    registration = enter(tournament, entrant)
    checking_in(tournament)
    loses_a_player(entrant)
    factories.pay(registration)
    registration.refresh_from_db()
    assert registration.status == "confirmed"
    factories.join(entrant, factories.make_user())
    services.registration_check_in(registration_id=registration.pk, player=entrant.captain)
    registration.refresh_from_db()
    assert registration.status == "checked_in"


def test_a_short_team_that_waits_keeps_no_tournament_from_starting() -> None:
    tournament = cup(check_in_minutes=30, capacity=3)
    teams = [team() for _ in range(4)]
    registrations = [enter(tournament, entrant) for entrant in teams]
    checking_in(tournament)
    for registration in registrations[1:]:
        services.registration_check_in(registration_id=registration.pk, player=registration.player)
    loses_a_player(teams[3])
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    statuses = tournament.registrations.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["no_show", "checked_in", "checked_in", "no_show"]


def test_who_leads_a_team_plays_for_it_and_for_no_other() -> None:
    tournament = cup(check_in_minutes=30, prize_coins=300, prize_split=[50, 50])
    led, other = team(4), team()
    entrants = [enter(tournament, one) for one in (led, other)]
    factories.join(other, led.captain)
    checking_in(tournament)
    for registration in reversed(entrants):  # though the other checks in first
        services.registration_check_in(registration_id=registration.pk, player=registration.player)
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    factories.play(tournament.matches.get())
    services.prize_pay(tournament_id=tournament.pk)
    assert not entrants[1].roster.filter(user=led.captain).exists()
    assert wallet_balance(owner=led.captain) == 39
    paid = {person for one in (led, other) for person in one.members.all()}
    assert sum(wallet_balance(owner=person) for person in paid) == 300


def test_a_team_wears_the_crown_by_its_name(client: Client) -> None:
    tournament, winners = cup(), team()
    enter(tournament, winners)
    enter(tournament, team())
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    factories.play_all(tournament)
    ended = since(f"tournament:{tournament.pk}", 0)[-1]
    assert (ended.name, ended.data["entrant"]["name"]) == ("tournament.completed", winners.name)
    assert f"Champion: </span>{winners.name}" in client.get("/").content.decode()


def hand_over(entrant: Team) -> User:
    """To whom."""
    heir = entrant.members.exclude(pk=entrant.captain_id).first()
    assert heir is not None
    captain_change(team_id=entrant.pk, captain=entrant.captain, user_id=heir.pk)
    return heir


@pytest.mark.parametrize("capacity", [2, 3])  # the third waits, or has a seat
def test_the_captain_of_a_team_that_is_entered_stays(capacity: int) -> None:
    tournament, entrant = cup(capacity=capacity, check_in_minutes=30), team()
    for one in (team(), team(), entrant):
        registration = enter(tournament, one)
    with pytest.raises(TeamEntered):
        hand_over(entrant)
    checking_in(tournament)
    with pytest.raises(TeamEntered):
        hand_over(entrant)
    assert Team.objects.get(pk=entrant.pk).captain == entrant.captain
    assert "team.captain_changed" not in [one.name for one in since(f"team:{entrant.pk}", 0)]
    services.registration_withdraw(registration_id=registration.pk, player=entrant.captain)
    hand_over(entrant)


def test_a_team_that_is_short_is_entered_all_the_same() -> None:
    tournament, entrant = cup(check_in_minutes=30, entry_fee=100), team()
    registration = enter(tournament, entrant)
    checking_in(tournament)
    loses_a_player(entrant)
    factories.pay(registration)
    with pytest.raises(TeamEntered):
        hand_over(entrant)
    assert "registration.checked_in" not in [
        one.name for one in since(f"tournament:{tournament.pk}", 0)
    ]


def test_who_led_the_team_when_its_roster_was_locked_acts_and_wins_with_it() -> None:
    tournament = cup(prize_coins=100)
    winner, loser = team(), team()
    for entrant in (winner, loser):
        enter(tournament, entrant)
    services.tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    roster, first, heir = list(winner.members.all()), winner.captain, hand_over(winner)
    member_remove(team_id=winner.pk, user_id=first.pk, by=first)
    factories.join(Team.objects.get(pk=winner.pk), factories.make_user())
    match = tournament.matches.get()
    with pytest.raises(NotYourMatch):
        match_report(match_id=match.pk, player=heir, score=(2, 0))
    factories.play(match)
    services.prize_pay(tournament_id=tournament.pk)
    won = {person: wallet_balance(owner=person) for person in roster}
    assert won.pop(first) == 34
    assert set(won.values()) == {33}


def test_the_captain_plays_however_late_they_joined() -> None:
    tournament, entrant = cup(check_in_minutes=30), team(5)
    last = entrant.memberships.latest("pk").user
    captain_change(team_id=entrant.pk, captain=entrant.captain, user_id=last.pk)
    registration = enter(tournament, Team.objects.get(pk=entrant.pk))
    Game.objects.filter(pk=GAME).update(roster_max=3)
    checking_in(tournament)
    services.registration_check_in(registration_id=registration.pk, player=last)
    assert registration.roster.filter(user=last).exists()
    assert registration.roster.count() == 3
