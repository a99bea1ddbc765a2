"""Local times, and the form of a tournament's plan."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import NewVisitor, Visitor

pytestmark = pytest.mark.browser
STARTS_AT = {"starts_at": "2035-01-15T20:30"}
DHAKA = {"timezone_id": "Asia/Dhaka"}


def test_times_are_local_with_javascript_and_in_utc_without(new_visitor: NewVisitor) -> None:
    tournament = new_visitor().sign_up().create_tournament("Far", capacity=2, **STARTS_AT)
    in_utc = new_visitor(java_script_enabled=False, **DHAKA).open(tournament).find(".about time")
    expect(in_utc.first).to_have_text("15 Jan 2035, 20:30 UTC")
    local = new_visitor(**DHAKA).open(tournament).find(".about time").first
    expect(local).to_have_text("16 Jan 2035, 02:30 GMT+6")
    expect(local).to_have_attribute("title", "15 Jan 2035, 20:30 UTC")


def test_times_are_local_after_an_update(new_visitor: NewVisitor) -> None:
    organizer = new_visitor().sign_up()
    tournament = organizer.create_tournament("Live", capacity=2, round_minutes=30, **STARTS_AT)
    spectator = new_visitor(**DHAKA).open(tournament)
    player, _ = (new_visitor(**DHAKA).sign_up().register(tournament) for _ in range(2))
    organizer.start(tournament)
    expect(spectator.find("#bracket time")).to_have_text("16 Jan, 02:30 GMT+6")  # by the live feed
    player.report(player.match(tournament), (2, 1))
    expect(player.find(".versus time")).to_have_text("16 Jan, 02:30 GMT+6")  # by htmx
    names = " vs ".join(spectator.find(".match .name").all_inner_texts())
    message = f"{names}: 2–1 reported, awaiting confirmation"
    expect(spectator.find("#feed li").first).to_contain_text(message)


def test_a_plan_shows_the_local_time_beside_each_utc_time(new_visitor: NewVisitor) -> None:
    organizer = new_visitor(timezone_id="Europe/Berlin").sign_up()
    tournament = organizer.create_tournament("Berlin", capacity=2, **STARTS_AT)
    organizer.unfold("Edit rules and schedule")
    assert visible_fields(organizer) == FIELDS["single_elimination"]
    starts_at, local = organizer.field("starts_at"), organizer.find("#edit_starts_at + output")
    expect(starts_at).to_have_value("2035-01-15T20:30")
    expect(local).to_have_text("Your time: 15 Jan 2035, 21:30 CET")
    for moment, text in (
        ("2035-07-15T20:30", "Your time: 15 Jul 2035, 22:30 CEST"),
        ("2035-03-25T01:30", "Your time: 25 Mar 2035, 03:30 CEST"),  # clocks skip 02:30
        ("", ""),
    ):
        starts_at.fill(moment)
        expect(local).to_have_text(text)
    starts_at.fill("2035-07-15T20:30")
    organizer.submit("edit").expect_text("Saved.").unfold("Edit rules and schedule")
    expect(starts_at).to_have_value("2035-07-15T20:30")
    expect(local).to_have_text("Your time: 15 Jul 2035, 22:30 CEST")
    expect(organizer.open(tournament).find(".about time").first).to_have_attribute(
        "datetime", "2035-07-15T20:30:00+00:00"
    )


FIELDS = {
    "single_elimination": ["third_place"],
    "double_elimination": [],
    "round_robin": [],
    "swiss": ["swiss_rounds"],
    "groups": ["group_advance", "group_size", "third_place"],
}
ALL_FIELDS = sorted({name for names in FIELDS.values() for name in names})


def visible_fields(organizer: Visitor) -> list[str]:
    return [name for name in ALL_FIELDS if organizer.field(name).is_visible()]


def test_a_plan_has_the_fields_of_the_chosen_format(new_visitor: NewVisitor) -> None:
    organizer = new_visitor().sign_up().open("/tournaments/new")
    assert {name: visible_fields(organizer.fill(format=name)) for name in FIELDS} == FIELDS
    organizer.fill(format="groups", group_size="").fill(format="swiss", swiss_rounds=4)
    organizer.fill(name="Four rounds").submit()
    organizer.expect_text("Organizer tools").unfold("Edit draft")
    expect(organizer.field("swiss_rounds")).to_have_value("4")
    assert visible_fields(organizer) == ["swiss_rounds"]
    organizer.fill(prize_split="50").submit("edit").expect_text("add up to 100")
    assert visible_fields(organizer) == ["swiss_rounds"]  # also after htmx replaced the form


def test_without_javascript_a_plan_has_all_fields(new_visitor: NewVisitor) -> None:
    organizer = new_visitor(java_script_enabled=False).sign_up().open("/tournaments/new")
    assert visible_fields(organizer) == ALL_FIELDS


def test_a_stale_tab_shows_the_conflict_and_keeps_the_text(new_visitor: NewVisitor) -> None:
    organizer = new_visitor().sign_up()
    desk = organizer.create_tournament("Two tabs", capacity=4) + "/desk"
    stale = Visitor(organizer.page.context.new_page(), organizer.name).open(desk)
    organizer.open(desk).unfold("Edit rules and schedule").fill(capacity=8)
    organizer.submit("edit").expect_text("Saved.")
    stale.unfold("Edit rules and schedule").fill(rules="Be kind.").submit("edit")
    expect(stale.page.get_by_role("alert")).to_contain_text("changed while you were editing")
    expect(stale.field("rules")).to_have_value("Be kind.")
