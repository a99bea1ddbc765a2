"""The tournament page for its players. Members of a team see it by membership until the roster is
locked, then by the roster."""

import pytest
from django.test import Client

from apps.payments.exceptions import ProviderUnavailable
from apps.payments.models import Invoice
from apps.tournaments import services
from tests import factories
from tests.factories import make_team, make_tournament, make_user, pay, register, signed_in
from tests.tournaments import steps
from tests.tournaments.pages import page_of, path, text
from tests.tournaments.steps import GAME

pytestmark = pytest.mark.django_db
REGISTERED = "You're registered."


def test_a_player_joins_the_waiting_list(client: Client) -> None:
    tournament = make_tournament(capacity=2, entry_fee=500)
    for _ in range(2):
        register(tournament)  # an unpaid seat is taken
    assert "Join the waiting list" in text(client.get(path(tournament)))
    player = signed_in(make_user("late"))
    assert "Join the waiting list" in text(player.get(path(tournament)))
    assert player.post(path(tournament), {"do": "enter"}).status_code == 302
    assert "You're on the waiting list." in text(player.get(path(tournament)))


@pytest.mark.parametrize("number", ["", "x", "0", "-1", str(10**30), "1.5"])
def test_an_invalid_registration_id_is_a_form_error(number: str) -> None:
    posted = {"do": "withdraw", "registration_id": number}
    assert signed_in(make_user()).post(path(make_tournament()), posted).status_code == 422


def test_players_check_in_and_a_standby_replaces_a_no_show(client: Client) -> None:
    tournament = make_tournament(capacity=2, check_in_minutes=30)
    present, absent, standby = (register(tournament) for _ in range(3))
    desk = signed_in(tournament.organizer)
    assert "Start tournament" not in text(desk.get(path(tournament, "/desk")))
    desk.post(path(tournament, "/desk"), {"do": "check_in"})
    for visitor in (client, signed_in(make_user())):
        assert "Registration is closed" in text(visitor.get(path(tournament)))
    for registration, message in (
        (present, "You're checked in."),
        (standby, "You're checked in as a standby"),
    ):
        assert "Check in" in page_of(registration.player, tournament)
        posted = {"do": "check_in", "registration_id": registration.pk}
        signed_in(registration.player).post(path(tournament), posted)
        assert message in page_of(registration.player, tournament)
    desk.post(path(tournament, "/desk"), {"do": "drop"})
    assert "your spot was given away" in page_of(absent.player, tournament)
    assert "You're checked in." in page_of(standby.player, tournament)


def test_a_captain_enters_a_team_and_only_the_captain_can_pay_and_withdraw() -> None:
    tournament, team = steps.team_tournament(entry_fee=500), make_team(GAME)
    captain = signed_in(team.captain)
    assert team.name in text(captain.get(path(tournament)))
    assert captain.post(path(tournament), {"do": "enter", "team_id": team.pk}).status_code == 302
    registration = tournament.registrations.get()
    assert (registration.team, registration.name) == (team, team.name)
    for member in team.members.all():
        page = page_of(member, tournament)
        assert "Your spot is reserved." in page
        for action in (f"/pay/{registration.pk}", 'value="withdraw"'):
            assert (action in page) == (member == team.captain)


def test_a_player_without_a_team_is_led_to_create_one() -> None:
    assert f"Create a {GAME} team" in page_of(make_user(), steps.team_tournament())


def test_a_player_with_an_open_payment_is_not_asked_to_pay_again() -> None:
    tournament = make_tournament(entry_fee=500)
    registration = register(tournament)
    with pytest.raises(ProviderUnavailable):
        pay(registration, "tok_unavailable")
    page = page_of(registration.player, tournament)
    assert "Your payment is being processed." in page
    assert "Continue payment" in page
    assert "Pay €5.00" not in page


def test_only_the_loser_of_a_match_is_eliminated() -> None:
    tournament = factories.make_live(4)
    match = tournament.matches.filter(status="ready").order_by("pk")[0]
    factories.play(match)
    match.refresh_from_db()
    for entrant in (match.entrant_a, match.entrant_b):
        assert entrant
        is_eliminated = "You've been eliminated." in page_of(entrant.player, tournament)
        assert is_eliminated == (entrant != match.winner)


def test_players_who_did_not_get_into_the_tournament_see_why() -> None:
    tournament = make_tournament(capacity=3, entry_fee=500)
    paid, also_paid, unpaid, waitlisted = (register(tournament) for _ in range(4))
    pay(paid)
    pay(also_paid)
    steps.by_organizer(services.tournament_start, tournament)
    not_paid = "Your registration was canceled because it wasn't paid before the start."
    assert not_paid in page_of(unpaid.player, tournament)
    assert Invoice.objects.get(registration=unpaid).status == "void"
    no_spot = "The tournament started before a spot opened up for you."
    assert no_spot in page_of(waitlisted.player, tournament)
    steps.by_organizer(services.tournament_cancel, tournament)
    for registration in (paid, waitlisted):
        assert "This tournament was canceled." in page_of(registration.player, tournament)


def test_before_the_start_current_members_are_registered() -> None:
    tournament, [team] = steps.with_teams(1, members=4)
    leaver, newcomer = steps.other_member(team), make_user()
    assert REGISTERED in page_of(leaver, tournament)
    steps.leave(team, leaver)
    factories.join(team, newcomer)
    assert REGISTERED not in page_of(leaver, tournament)
    assert REGISTERED in page_of(newcomer, tournament)


def test_after_the_start_the_roster_is_registered() -> None:
    tournament, [team, _] = steps.with_teams(2)
    captain = team.captain
    steps.by_organizer(services.tournament_start, tournament)
    leaver, newcomer = steps.other_member(team), make_user()
    steps.leave(team, leaver)
    factories.join(team, newcomer)
    assert REGISTERED in page_of(leaver, tournament)
    assert REGISTERED not in page_of(newcomer, tournament)
    team.refresh_from_db()
    new_captain = steps.change_captain(team)
    steps.leave(team, captain)
    for player in (captain, new_captain):
        assert REGISTERED in page_of(player, tournament)
    factories.play_all(tournament)
    assert "You finished 1st." in page_of(leaver, tournament)
    assert "You finished" not in page_of(newcomer, tournament)


def test_a_member_of_two_teams_sees_the_team_with_the_member_on_its_roster() -> None:
    tournament, teams = steps.with_teams(2, check_in_minutes=30)
    member = make_user()
    for team in teams:
        factories.join(team, member)
    steps.by_organizer(services.tournament_check_in_open, tournament)
    assert REGISTERED in page_of(member, tournament)
    steps.check_in(tournament.registrations.get(team=teams[1]))
    assert "You're checked in." in page_of(member, tournament)


def test_members_of_a_team_without_a_seat_see_why() -> None:
    tournament, [_, _, team] = steps.with_teams(3, capacity=2)
    members = (team.captain, steps.other_member(team))
    for member in members:
        assert "You're on the waiting list." in page_of(member, tournament)
    steps.by_organizer(services.tournament_start, tournament)
    for member in members:
        page = page_of(member, tournament)
        assert "The tournament started before a spot opened up for you." in page
