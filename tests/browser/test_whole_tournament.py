"""A tournament from the first click to the crown, by people who only have a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from stack.processes import Process
from tests.browser.axe import findings
from tests.browser.people import PASSWORD, Someone

pytestmark = pytest.mark.browser
Come = Callable[..., Someone]
Shoot = Callable[[Page, str], None]


def started(come: Come, players: int, **plan: str | int) -> tuple[Someone, list[Someone], str]:
    """An organizer, so many players who have entered, and where the tournament is."""
    organizer = come().signs_up()
    place = organizer.makes_tournament("Crown Night", Seats=players, **plan)
    entrants = [come().signs_up().enters(place) for _ in range(players)]
    organizer.goes(f"{place}/desk").presses("Start the tournament").is_told("It begins.")
    return organizer, entrants, place


def match_of(player: Someone, place: str) -> str:
    """Where the match is that waits for the player."""
    player.goes(place).page.get_by_role("link", name="To your match").click()
    player.page.wait_for_url(re.compile(r"/matches/\d+$"))
    return player.page.url


def report(player: Someone, room: str, score: tuple[int, int]) -> None:
    player.goes(room)
    for field, games in zip(("report_score_a", "report_score_b"), score, strict=True):
        player.sees(f"#{field}").fill(str(games))
    player.presses("Report score").is_told("Waiting for your opponent to confirm")


def test_from_the_draft_to_the_crown(someone: Come, shoot: Shoot) -> None:
    organizer, players, place = started(someone, 4)
    spectator = someone().goes(place)
    expect(spectator.sees("#connection")).to_have_text("● Live updates")
    spectator.page.evaluate("window.sameDocument = true")
    expect(spectator.sees(".match")).to_have_count(3)

    rooms = [match_of(player, place) for player in players]
    assert len(set(rooms)) == 2
    first, second = (
        [one for one, room in zip(players, rooms, strict=True) if room == wanted]
        for wanted in dict.fromkeys(rooms)
    )
    agreed(first, match_of(first[0], place), shoot)
    disputed(second, organizer, match_of(second[0], place), shoot)

    expect(spectator.sees('.match[data-status="completed"]')).to_have_count(2)
    finalists = [one for one in players if on_the_way(one, place)]
    agreed(finalists, match_of(finalists[0], place), shoot)

    expect(spectator.sees("#crowned")).to_be_visible()
    expect(spectator.sees("#connection")).to_have_text("Finished")
    expect(spectator.sees("#status")).to_have_text("Completed")
    assert spectator.page.evaluate("window.sameDocument") is True
    shoot(spectator.page, "crowned")


def agreed(pair: list[Someone], room: str, shoot: Shoot) -> None:
    report(pair[0], room, (2, 1))
    pair[1].goes(room).is_told("Is it correct?")
    shoot(pair[1].page, "match-room")
    pair[1].presses("Yes, confirm").is_told("Result confirmed.")


def disputed(pair: list[Someone], organizer: Someone, room: str, shoot: Shoot) -> None:
    report(pair[0], room, (2, 0))
    pair[1].goes(room).unfolds("Dispute without a score").fills(
        "What happened?", "We won the last map."
    )
    pair[1].presses("Send to organizer").is_told("The organizer will decide")
    organizer.goes(room).is_told("We won the last map.")
    shoot(organizer.page, "dispute")
    organizer.sees("#decide_score_a").fill("1")
    organizer.sees("#decide_score_b").fill("2")
    organizer.presses("Set result").is_told("won by organizer decision")


def on_the_way(player: Someone, place: str) -> bool:
    return player.goes(place).page.get_by_role("link", name="To your match").count() == 1


def test_what_one_does_the_other_sees_at_once(someone: Come) -> None:
    _, players, place = started(someone, 2)
    room = match_of(players[0], place)
    one, two = (player.goes(room) for player in players)
    expect(two.sees("#connection")).to_have_text("● Live updates")
    report(one, room, (2, 1))
    two.is_told("Is it correct?")  # without having done anything
    two.presses("Yes, confirm")
    expect(one.sees(".versus .tag")).to_have_text("Completed")
    expect(one.sees("#connection")).to_have_text("Finished")


def test_what_the_service_refuses_stands_next_to_the_form(someone: Come) -> None:
    _, players, place = started(someone, 2)
    room = match_of(players[0], place)
    player = players[0].goes(room)
    player.sees("#report_score_a").fill("1")
    player.sees("#report_score_b").fill("1")
    player.presses("Report score")
    expect(player.page.get_by_role("alert")).to_contain_text("Scores can't be tied.")
    expect(player.sees("#report_score_a")).to_have_value("1")


def test_a_stale_page_and_a_double_click_do_no_harm(someone: Come, web: Process) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Twice", Seats=4)
    player = someone().signs_up().goes(place)
    stale = player.page.context.new_page()
    stale.route_web_socket("**", lambda _: None)  # or the page is redrawn, and not stale
    stale.goto(place)
    player.presses("Enter").is_told("You are in.")
    enter = stale.get_by_role("button", name="Enter", exact=True)
    enter.evaluate("button => { button.click(); button.click() }")
    expect(stale.get_by_role("alert")).to_contain_text("You are registered")
    player.goes(place)
    expect(player.sees("#entrants")).to_have_text("1")
    player.presses("Withdraw").is_told("You are out.")
    expect(player.sees("#entrants")).to_have_text("0")


def test_who_is_signed_out_meanwhile_is_led_to_the_door_and_back(someone: Come) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Late", Seats=4)
    player = someone().signs_up().goes(place)
    player.page.context.clear_cookies(name="sessionid")
    player.presses("Enter")
    player.page.wait_for_url(re.compile(r"/sign-in\?next=/tournaments/\d+$"))
    player.fills("Name", player.name).fills("Password", PASSWORD)
    player.page.locator("main").get_by_role("button", name="Sign in").click()
    player.page.wait_for_url(place)
    player.presses("Enter").is_told("You are in.")


def test_without_javascript_everything_is_there(someone: Come) -> None:
    organizer = someone(java_script_enabled=False).signs_up()
    place = organizer.makes_tournament("Plain", Seats=2)
    players = [someone(java_script_enabled=False).signs_up().enters(place) for _ in range(2)]
    organizer.goes(f"{place}/desk").presses("Start the tournament").is_told("It begins.")
    room = match_of(players[0], place)
    report(players[0], room, (2, 0))
    players[1].goes(room).presses("Yes, confirm").is_told("Result confirmed.")
    players[1].goes(place)
    expect(players[1].sees("#crowned")).to_be_visible()


def test_a_seat_is_paid_for_and_given_up(someone: Come, shoot: Shoot) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Paid", Seats=2, Entry_fee="12.50")
    player = someone().signs_up().goes(place)
    player.presses("Enter").is_told("once it is paid for")
    player.page.get_by_role("link", name="Pay €12.50").click()
    player.chooses("Test card", "tok_declined").presses("Pay €12.50")
    expect(player.page.get_by_role("alert")).to_contain_text("declined")
    player.chooses("Test card", "tok_visa").presses("Pay €12.50").is_told("Payment received")
    player.goes("/me").is_told("€12.50")
    shoot(player.goes(place).unfolds("Withdraw").page, "withdraw")
    player.presses("Yes, withdraw").is_told("You are out. Your entry fee of €12.50 goes back")


def test_a_provider_asks_on_its_own_page(someone: Come) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Asked", Seats=2, Entry_fee="12.50")
    player = someone(bypass_csp=True).signs_up().goes(place).presses("Enter")
    player.page.get_by_role("link", name="Pay €12.50").click()
    pages = [findings(player.page)]
    player.chooses("Pay with", "PAYPAL").chooses("Test card", "").presses("Pay €12.50")
    player.is_told("Finish paying at PayPal").presses("Use another payment method")
    player.is_told("Payment canceled.").chooses("Test card", "").presses("Pay €12.50")
    pages.append(findings(player.page))
    player.page.get_by_role("link", name="Continue to Stripe").click()
    pages.append(findings(player.page))
    player.presses("Approve").is_told("Payment received")
    assert pages == [[], [], []]


def test_a_team_is_made_joined_and_left(someone: Come) -> None:
    captain, mate = someone().signs_up(), someone().signs_up()
    team = f"Team {captain.name}"
    captain.goes("/teams").fills("Name of the team", team).chooses("Game", "Rocket League")
    captain.presses("Make the team").is_told("invite its players")
    captain.fills("Invite a player, by name", mate.name).presses("Invite")
    captain.is_told("The invitation is out.").is_told(mate.name)
    mate.goes("/teams").presses(f"Join {team}").is_told("Welcome to the team.")
    mate.presses("Leave the team").is_told("The player has left the team.")
    captain.goes(mate.page.url)
    expect(captain.page.get_by_text("1 of")).to_be_visible()
