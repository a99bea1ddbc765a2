"""Notices after an action, and what a live update leaves unchanged."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import NewVisitor, start_tournament

pytestmark = pytest.mark.browser


def test_a_notice_disappears_when_the_match_changes(new_visitor: NewVisitor) -> None:
    _, players, tournament = start_tournament(new_visitor, 2)
    match = players[0].match(tournament)
    reporter, opponent = (player.open(match) for player in players)
    expect(opponent.find("#connection")).to_have_attribute("data-state", "live")
    reporter.report(match, (2, 1)).expect_match("reported")
    notice = reporter.notices.inner_text()
    assert notice
    expect(opponent.button("confirm")).to_be_visible()
    expect(reporter.notices).to_have_text(notice)  # after the event of this report
    opponent.submit("confirm").expect_match("completed")
    reporter.expect_match("completed")
    expect(reporter.find("#connection")).to_have_attribute("data-state", "final")
    expect(reporter.notices).to_be_empty()
    expect(opponent.notices).not_to_be_empty()


def test_a_notice_disappears_when_a_later_event_changes_the_panel(new_visitor: NewVisitor) -> None:
    tournament = new_visitor().sign_up().create_tournament("Full", capacity=2)
    player = new_visitor().sign_up().register(tournament).submit("withdraw")
    expect(player.notices).to_have_text("You've withdrawn.")
    rival = new_visitor().sign_up().register(tournament)
    expect(player.find("#entrants")).to_have_text("1")
    expect(player.notices).to_have_text("You've withdrawn.")  # the panel is unchanged
    new_visitor().sign_up().register(tournament)
    player.expect_text("This tournament is full.")
    expect(player.notices).to_be_empty()
    rival.submit("withdraw")
    expect(rival.notices).to_have_text("You've withdrawn.")


def test_an_open_question_stays_open_during_updates(new_visitor: NewVisitor) -> None:
    organizer = new_visitor().sign_up()
    tournament = organizer.create_tournament("Paid", capacity=4, entry_fee="12.50")
    player = new_visitor().sign_up().open(tournament).submit("enter")
    player.follow("Pay €12.50").submit().expect_text("You're registered.").unfold("Withdraw")
    notice = player.notices.inner_text()
    seq = player.find("#you").get_attribute("data-seq")
    new_visitor().sign_up().open(tournament).submit("enter")
    expect(player.find("#you")).not_to_have_attribute("data-seq", seq or "")
    expect(player.button("withdraw")).to_be_visible()
    expect(player.notices).to_have_text(notice)


def test_an_update_keeps_the_text_in_a_form(new_visitor: NewVisitor) -> None:
    _, players, tournament = start_tournament(new_visitor, 2)
    match = players[0].match(tournament)
    reporter, opponent = (player.open(match) for player in players)
    expect(opponent.find("#connection")).to_have_attribute("data-state", "live")
    opponent.find("#report_score_a").fill("2")
    reporter.report(match, (2, 1))
    expect(opponent.notices).not_to_be_empty()
    expect(opponent.find("#report_score_a")).to_have_value("2")


def test_an_unexpected_response_keeps_the_page_and_shows_an_error(new_visitor: NewVisitor) -> None:
    tournament = new_visitor().sign_up().create_tournament("Stale", capacity=4)
    player = new_visitor().sign_up().open(tournament)
    player.page.context.clear_cookies(name="csrftoken")
    player.submit("enter")
    expect(player.notices).to_contain_text("(403)")
    expect(player.button("enter")).to_be_visible()
