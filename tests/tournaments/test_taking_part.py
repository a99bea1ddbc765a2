"""A tournament's page for who takes part in it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.payments.exceptions import ProviderUnavailable
from apps.tournaments.models import Registration
from apps.tournaments.services import (
    registration_check_in,
    tournament_cancel,
    tournament_check_in_open,
    tournament_no_shows_drop,
    tournament_start,
)
from tests.factories import make_live, make_team, make_tournament, make_user, pay, play, register
from tests.tournaments.pages import of, path, text

pytestmark = pytest.mark.django_db


def test_one_enters_waits_and_withdraws(client: Client) -> None:
    tournament = make_tournament(capacity=2)
    for _ in range(2):
        register(tournament)
    assert "Join the waiting list" in text(Client().get(path(tournament)))
    me = of(make_user("late"))
    assert "Join the waiting list" in text(me.get(path(tournament)))
    assert me.post(path(tournament), {"do": "enter"}).status_code == 302
    assert "You're on the waiting list." in text(me.get(path(tournament)))
    mine = tournament.registrations.get(player__username="late")
    me.post(path(tournament), {"do": "withdraw", "registration_id": mine.pk})
    mine.refresh_from_db()
    assert mine.status == Registration.Status.WITHDRAWN


def test_entering_twice_is_told_and_done_once() -> None:
    tournament = make_tournament()
    me = of(make_user())
    me.post(path(tournament), {"do": "enter"})
    answer = me.post(path(tournament), {"do": "enter"})
    assert answer.status_code == 409
    assert "You're already registered for this tournament." in text(answer)
    assert tournament.registrations.count() == 1


def test_nobody_withdraws_for_somebody_else() -> None:
    theirs = register(make_tournament())
    answer = of(make_user()).post(
        path(theirs.tournament), {"do": "withdraw", "registration_id": theirs.pk}
    )
    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == Registration.Status.CONFIRMED


@pytest.mark.parametrize("posted", [{}, {"do": ""}, {"do": "destroy"}])
def test_what_cannot_be_done_on_a_page_is_refused(posted: dict[str, str]) -> None:
    assert of(make_user()).post(path(make_tournament()), posted).status_code == 400


@pytest.mark.parametrize("number", ["", "x", "0", "-1", str(10**30), "1.5"])
def test_a_number_that_is_none_is_told(number: str) -> None:
    answer = of(make_user()).post(
        path(make_tournament()), {"do": "withdraw", "registration_id": number}
    )
    assert answer.status_code == 422


def test_who_is_in_checks_in_and_who_does_not_is_dropped() -> None:
    tournament = make_tournament(check_in_minutes=30)
    here, away = register(tournament), register(tournament)
    desk = of(tournament.organizer)
    assert "Start tournament" not in text(desk.get(path(tournament, "/desk")))
    desk.post(path(tournament, "/desk"), {"do": "check_in"})
    player = of(here.player)
    assert "Check in" in text(player.get(path(tournament)))
    player.post(path(tournament), {"do": "check_in", "registration_id": here.pk})
    assert "You're checked in." in text(player.get(path(tournament)))
    desk.post(path(tournament, "/desk"), {"do": "drop"})
    away.refresh_from_db()
    assert away.status == Registration.Status.NO_SHOW


def test_a_captain_enters_a_team_of_the_game() -> None:
    tournament = make_tournament(team_based=True, game_title="Rocket League")
    team = make_team("Rocket League")
    captain = of(team.captain)
    assert team.name in text(captain.get(path(tournament)))
    assert captain.post(path(tournament), {"do": "enter", "team_id": team.pk}).status_code == 302
    assert tournament.registrations.get().team == team


def test_only_the_captain_is_offered_to_pay_and_to_leave() -> None:
    tournament = make_tournament(team_based=True, game_title="Rocket League", entry_fee=500)
    team = make_team("Rocket League")
    of(team.captain).post(path(tournament), {"do": "enter", "team_id": team.pk})
    other = team.members.exclude(pk=team.captain_id)[0]
    offers = [f"/pay/{tournament.registrations.get().pk}", 'value="withdraw"']
    for player, offered in ((team.captain, True), (other, False)):
        page = text(of(player).get(path(tournament)))
        assert "Your spot is reserved." in page
        assert [offer in page for offer in offers] == [offered, offered]


def test_who_was_put_out_is_told_why() -> None:
    tournament = make_tournament(capacity=2, check_in_minutes=30)
    there, gone, waits = (register(tournament) for _ in range(3))
    tournament_check_in_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    registration_check_in(registration_id=there.pk, player=there.player)
    registration_check_in(registration_id=waits.pk, player=waits.player)
    assert "as a standby" in text(of(waits.player).get(path(tournament)))
    tournament_no_shows_drop(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert "your spot was given away" in text(of(gone.player).get(path(tournament)))
    assert "You're checked in." in text(of(waits.player).get(path(tournament)))


def test_seats_that_are_still_to_be_paid_for_are_taken() -> None:
    tournament = make_tournament(capacity=2, entry_fee=500)
    for _ in range(2):
        register(tournament)
    assert "Join the waiting list" in text(of(make_user()).get(path(tournament)))
    assert "Join the waiting list" in text(Client().get(path(tournament)))


def test_of_a_cancelled_tournament_its_entrants_are_told_so() -> None:
    tournament = make_tournament()
    player = register(tournament).player
    tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    page = text(of(player).get(path(tournament)))
    assert "This tournament was canceled." in page
    assert "No bracket was generated." in page


def test_who_leads_no_team_is_shown_the_way_to_one() -> None:
    tournament = make_tournament(team_based=True, game_title="Rocket League")
    page = text(of(make_user()).get(path(tournament)))
    assert "Create a Rocket League team" in page


def test_who_waits_for_a_payment_is_not_asked_to_pay_again() -> None:
    tournament = make_tournament(entry_fee=500)
    registration = register(tournament)
    with pytest.raises(ProviderUnavailable):
        pay(registration, "tok_unavailable")
    page = text(of(registration.player).get(path(tournament)))
    assert "Your payment is being processed." in page
    assert "Continue payment" in page
    assert "Pay €5.00" not in page


def test_who_has_lost_for_good_is_told_so_and_who_plays_on_is_not() -> None:
    tournament = make_live(4)
    first = tournament.matches.filter(status="ready").order_by("pk").first()
    assert first
    assert first.entrant_a
    assert first.entrant_b
    play(first)
    first.refresh_from_db()
    for one in (first.entrant_a, first.entrant_b):
        told = "You've been eliminated." in text(of(one.player).get(path(tournament)))
        assert told == (one != first.winner)


def test_who_looks_in_while_others_check_in_is_told_that_it_is_too_late(client: Client) -> None:
    tournament = make_tournament(check_in_minutes=30, starts_at=timezone.now() + timedelta(hours=1))
    tournament_check_in_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    for visitor in (client, of(make_user())):
        assert "Registration is closed" in text(visitor.get(path(tournament)))


def test_who_is_out_by_the_start_is_told_why() -> None:
    tournament = make_tournament(capacity=3, entry_fee=500)
    paid, also_paid, unpaid, waits = (register(tournament) for _ in range(4))
    pay(paid)
    pay(also_paid)
    tournament_start(tournament_id=tournament.pk, organizer=tournament.organizer)
    told = "Your registration was canceled because it wasn't paid before the start."
    assert told in text(of(unpaid.player).get(path(tournament)))
    told = "The tournament started before a spot opened up for you."
    assert told in text(of(waits.player).get(path(tournament)))
    tournament_cancel(tournament_id=tournament.pk, organizer=tournament.organizer)
    assert "This tournament was canceled" in text(of(waits.player).get(path(tournament)))
