"""Tournaments from registration to the champion, only through a browser."""

import re

import pytest
from playwright.sync_api import expect

from stack.processes import Process
from tests.browser.axe import violations
from tests.browser.visitor import NewVisitor, Visitor, start_tournament

pytestmark = pytest.mark.browser


def test_a_tournament_from_draft_to_champion(new_visitor: NewVisitor) -> None:
    organizer, players, tournament = start_tournament(new_visitor, 4)
    spectator = new_visitor().open(tournament)
    expect(spectator.find("#connection")).to_have_text("● Live updates")
    spectator.page.evaluate("window.sameDocument = true")
    expect(spectator.find(".match")).to_have_count(3)

    pairs: dict[str, list[Visitor]] = {}
    for player in players:
        pairs.setdefault(player.match(tournament), []).append(player)
    (agreed, first), (disputed, second) = pairs.items()
    play(first, agreed)
    dispute(second, organizer, disputed)

    expect(spectator.find('.match[data-status="completed"]')).to_have_count(2)
    finalists = [player for player in players if player.is_playing(tournament)]
    play(finalists, finalists[0].match(tournament))

    expect(spectator.find("#crowned")).to_be_visible()
    expect(spectator.find("#connection")).to_have_text("Finished")
    expect(spectator.find("#status")).to_have_text("Completed")
    assert spectator.page.evaluate("window.sameDocument") is True


def play(players: list[Visitor], match: str) -> None:
    reporter, opponent = players
    reporter.report(match, (2, 1)).expect_match("reported")
    opponent.confirm(match)


def dispute(players: list[Visitor], organizer: Visitor, match: str) -> None:
    reporter, opponent = players
    reporter.report(match, (2, 0)).expect_match("reported")
    opponent.open(match).find("details:has([value=dispute]) summary").click()
    opponent.find("form:has([value=dispute]) textarea").fill("We won the last map.")
    opponent.submit("dispute").expect_match("disputed")
    organizer.open(match).expect_text("We won the last map.")
    organizer.enter_score("decide", (1, 2)).expect_match("completed")


def test_a_rejected_score_stays_in_the_form(new_visitor: NewVisitor) -> None:
    _, players, tournament = start_tournament(new_visitor, 2)
    player = players[0].report(players[0].match(tournament), (1, 1))
    expect(player.page.get_by_role("alert")).not_to_be_empty()
    expect(player.find("#report_score_a")).to_have_value("1")


def test_a_stale_page_and_a_double_click_register_once(
    new_visitor: NewVisitor, web: Process
) -> None:
    tournament = new_visitor().sign_up().create_tournament("Twice", capacity=4)
    player = new_visitor().sign_up().open(tournament)
    stale = player.page.context.new_page()
    stale.route_web_socket("**", lambda _: None)  # without the feed the page stays stale
    stale.goto(tournament)
    player.submit("enter").expect_text("You're registered.")
    Visitor(stale).button("enter").evaluate("button => { button.click(); button.click() }")
    expect(stale.get_by_role("alert")).to_contain_text("You're already registered")
    expect(player.open(tournament).find("#entrants")).to_have_text("1")
    player.submit("withdraw").expect_text("You've withdrawn.")
    expect(player.find("#entrants")).to_have_text("0")


def test_an_ended_session_leads_to_sign_in_and_back(new_visitor: NewVisitor) -> None:
    tournament = new_visitor().sign_up().create_tournament("Late", capacity=4)
    player = new_visitor().sign_up().open(tournament)
    player.page.context.clear_cookies(name="sessionid")
    player.submit("enter")
    player.page.wait_for_url(re.compile(r"/sign-in\?next=/tournaments/\d+$"))
    player.send_credentials().page.wait_for_url(tournament)
    player.submit("enter").expect_text("You're registered.")


def test_everything_works_without_javascript(new_visitor: NewVisitor) -> None:
    _, players, tournament = start_tournament(new_visitor, 2, java_script_enabled=False)
    match = players[0].match(tournament)
    players[0].report(match, (2, 0)).expect_match("reported")
    expect(players[1].confirm(match).open(tournament).find("#crowned")).to_be_visible()


def test_a_player_pays_and_withdraws(new_visitor: NewVisitor) -> None:
    organizer = new_visitor().sign_up()
    tournament = organizer.create_tournament("Paid", capacity=2, entry_fee="12.50")
    player = new_visitor().sign_up().open(tournament)
    player.submit("enter").expect_text("Pay to confirm it.")
    player.follow("Pay €12.50").fill(token="tok_declined").submit()
    expect(player.page.get_by_role("alert")).to_contain_text("declined")
    player.fill(token="tok_visa").submit().expect_text("You're registered.")
    player.open("/me").expect_text("€12.50")
    player.open(tournament).unfold("Withdraw").submit("withdraw")
    player.expect_text("You've withdrawn. Your €12.50 entry fee will be refunded")


def test_a_player_pays_on_the_providers_page(new_visitor: NewVisitor) -> None:
    organizer = new_visitor().sign_up()
    tournament = organizer.create_tournament("Hosted", capacity=2, entry_fee="12.50")
    player = new_visitor(bypass_csp=True).sign_up().open(tournament).submit("enter")
    player.follow("Pay €12.50")
    problems = violations(player.page)
    player.fill(method="PAYPAL", token="").submit()
    player.find("form[action$=cancel] button").click()
    player.fill(token="").submit()
    problems += violations(player.page)
    player.follow("Stripe")
    problems += violations(player.page)
    player.find('button[value="succeeded"]').click()
    player.expect_text("You're registered.")
    assert problems == []


def test_a_player_joins_and_leaves_a_team(new_visitor: NewVisitor) -> None:
    captain, member = new_visitor().sign_up(), new_visitor().sign_up()
    team = f"Team {captain.name}"
    captain.open("/teams").fill(name=team, game_title="Rocket League").submit("create")
    captain.fill(username=member.name).submit("invite").expect_text(member.name)
    member.open("/teams").submit("accept").submit("remove")
    expect(member.button("remove")).to_have_count(0)
    expect(captain.open(member.page.url).page.get_by_text("1 of")).to_be_visible()
