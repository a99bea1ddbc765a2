"""What a page says of what was done on it, and what it leaves alone while others do things."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Someone
from tests.browser.test_whole_tournament import match_of, report, started

pytestmark = pytest.mark.browser
Come = Callable[..., Someone]


def test_what_was_said_of_a_deed_leaves_when_the_match_goes_on(someone: Come) -> None:
    _, players, place = started(someone, 2)
    room = match_of(players[0], place)
    one, two = (player.goes(room) for player in players)
    report(one, room, (2, 1))
    expect(one.sees("#notices")).to_have_text("Score reported.")
    two.is_told("Is it correct?")
    expect(one.sees("#notices")).to_have_text("Score reported.")  # though its event has come
    two.presses("Yes, confirm").is_told("Result confirmed.")
    expect(one.sees(".versus .tag")).to_have_text("Completed")
    expect(one.sees("#notices")).to_be_empty()
    expect(two.sees("#notices")).to_have_text("Result confirmed.")


def test_what_was_said_of_a_seat_leaves_when_one_stands_otherwise(someone: Come) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Said", Seats=2)
    player = someone().signs_up().enters(place).presses("Withdraw")
    expect(player.sees("#notices")).to_have_text("You are out.")
    rival = someone().signs_up().enters(place)
    expect(player.sees("#entrants")).to_have_text("1")
    expect(player.sees("#notices")).to_have_text("You are out.")  # though its event has come
    someone().signs_up().enters(place)
    player.is_told("every seat is taken")
    expect(player.sees("#notices")).to_be_empty()
    rival.presses("Withdraw")
    expect(rival.sees("#notices")).to_have_text("You are out.")


def test_a_question_stays_open_while_others_come(someone: Come) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Asking", Seats=4, Entry_fee="12.50")
    player = someone().signs_up().goes(place).presses("Enter")
    player.page.get_by_role("link", name="Pay €12.50").click()
    player.presses("Pay €12.50").is_told("Payment received").unfolds("Withdraw")
    drawn = player.sees("#you").get_attribute("data-seq")
    someone().signs_up().goes(place).presses("Enter")
    expect(player.sees("#you")).not_to_have_attribute("data-seq", drawn or "")
    expect(player.page.get_by_role("button", name="Yes, withdraw")).to_be_visible()
    expect(player.sees("#notices")).to_have_text("Payment received. You're in!")


def test_what_somebody_writes_is_not_taken_from_them(someone: Come) -> None:
    _, players, place = started(someone, 2)
    room = match_of(players[0], place)
    one, two = (player.goes(room) for player in players)
    expect(two.sees("#connection")).to_have_text("● Live updates")
    two.sees("#report_score_a").fill("2")
    report(one, room, (2, 1))
    two.is_told("This match was updated.")
    expect(two.sees("#report_score_a")).to_have_value("2")


def test_an_answer_that_fits_nowhere_takes_nothing_away(someone: Come) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Stale", Seats=4)
    player = someone().signs_up().goes(place)
    player.page.context.clear_cookies(name="csrftoken")
    player.presses("Enter").is_told("Something went wrong (403). Reload the page")
    expect(player.page.get_by_role("button", name="Enter", exact=True)).to_be_visible()
