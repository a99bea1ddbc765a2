"""Times as of where one is, and a plan's form that asks for what its format takes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Someone
from tests.browser.test_whole_tournament import match_of, report

pytestmark = pytest.mark.browser
Come = Callable[..., Someone]
Shoot = Callable[[Page, str], None]
STARTS = {"Starts (UTC)": "2035-01-15T20:30"}


def test_times_are_those_of_where_one_is(someone: Come) -> None:
    place = someone().signs_up().makes_tournament("Far", Seats=2, **STARTS)
    plain = someone(java_script_enabled=False, timezone_id="Asia/Dhaka").goes(place)
    expect(plain.sees(".about time").first).to_have_text("15 Jan 2035, 20:30 UTC")
    spectator = someone(timezone_id="Asia/Dhaka").goes(place)
    shown = spectator.sees(".about time").first
    expect(shown).to_have_text("16 Jan 2035, 02:30 GMT+6")
    expect(shown).to_have_attribute("title", "15 Jan 2035, 20:30 UTC")


def test_they_are_where_a_page_is_drawn_again_too(someone: Come, shoot: Shoot) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Live", Seats=2, Minutes_for_a_round=30, **STARTS)
    spectator = someone(timezone_id="Asia/Dhaka").goes(place)
    players = [someone(timezone_id="Asia/Dhaka").signs_up().enters(place) for _ in range(2)]
    organizer.goes(f"{place}/desk").presses("Start the tournament").is_told("It begins.")
    expect(spectator.sees("#bracket time")).to_have_text("16 Jan, 02:30 GMT+6")  # came live
    room = match_of(players[0], place)
    report(players[0], room, (2, 1))
    expect(players[0].sees(".versus time")).to_have_text("16 Jan, 02:30 GMT+6")  # swapped in
    names = " vs ".join(spectator.sees(".side .name").all_inner_texts())
    said = f"A result is in: {names}, 2–1, to be confirmed"
    expect(spectator.sees("#feed li").first).to_contain_text(said)
    shoot(spectator.page, "times-tournament")
    shoot(players[0].page, "times-room")


def test_a_time_is_written_in_utc_and_read_beside_as_of_where_one_is(someone: Come) -> None:
    organizer = someone(timezone_id="Europe/Berlin").signs_up()
    place = organizer.makes_tournament("Written", Seats=2, **STARTS)
    organizer.unfolds("Change rules and schedule")
    starts = organizer.page.get_by_label("Starts (UTC)")
    beside = organizer.page.locator("#edit_starts_at + output")
    expect(starts).to_have_value("2035-01-15T20:30")
    expect(beside).to_have_text("Where you are: 15 Jan 2035, 21:30 CET")
    for moment, words in (
        ("2035-07-15T20:30", "15 Jul 2035, 22:30 CEST"),
        ("2035-03-25T01:30", "25 Mar 2035, 03:30 CEST"),  # the hour after there is no 02:30
        ("", ""),
    ):
        starts.fill(moment)
        expect(beside).to_have_text(f"Where you are: {words}" if words else "")
    starts.fill("2035-07-15T20:30")
    organizer.presses("Save").is_told("Saved.").unfolds("Change rules and schedule")
    expect(starts).to_have_value("2035-07-15T20:30")
    expect(beside).to_have_text("Where you are: 15 Jul 2035, 22:30 CEST")
    expect(organizer.goes(place).sees(".about time").first).to_have_attribute(
        "datetime", "2035-07-15T20:30:00+00:00"
    )


FIELDS = {
    "single_elimination": ["Third-place match"],
    "double_elimination": [],
    "round_robin": [],
    "swiss": ["Swiss rounds"],
    "groups": ["Third-place match", "Group size",
               "Advance per group"],
}  # fmt: skip
ALL = sorted({label for labels in FIELDS.values() for label in labels})


def asked_for(who: Someone) -> list[str]:
    return [label for label in ALL if who.page.get_by_label(label, exact=True).is_visible()]


def test_a_plan_asks_for_what_its_format_takes(someone: Come, shoot: Shoot) -> None:
    organizer = someone().signs_up().goes("/tournaments/new")
    found = {name: asked_for(organizer.chooses("Format", name)) for name in FIELDS}
    assert found == FIELDS
    shoot(organizer.page, "new-groups")
    organizer.chooses("Format", "groups").fills("Group size", "")
    organizer.chooses("Format", "swiss").fills("Swiss rounds", 4)
    organizer.fills("Name", "Four rounds").presses("Make the draft")
    organizer.is_told("Organizer's desk").unfolds("Change the draft")
    expect(organizer.page.get_by_label("Swiss rounds")).to_have_value("4")
    assert asked_for(organizer) == ["Swiss rounds"]
    organizer.fills("Prize by place, in percent", "50").presses("Save").is_told("100 in all")
    assert asked_for(organizer) == ["Swiss rounds"]  # where the form was swapped in
    shoot(organizer.page, "desk-draft")


def test_without_javascript_a_plan_asks_for_all(someone: Come) -> None:
    organizer = someone(java_script_enabled=False).signs_up().goes("/tournaments/new")
    assert asked_for(organizer) == ALL


def test_a_stale_tab_is_told_so(someone: Come, shoot: Shoot) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("Two tabs", Seats=4)
    stale = Someone(organizer.page.context.new_page(), organizer.name).goes(f"{place}/desk")
    organizer.goes(f"{place}/desk").unfolds("Change rules and schedule").fills("Seats", 8)
    organizer.presses("Save").is_told("Saved.")
    stale.unfolds("Change rules and schedule").fills("What players have to know", "Be kind.")
    stale.presses("Save")
    expect(stale.page.get_by_role("alert")).to_contain_text("The tournament was changed meanwhile")
    expect(stale.page.get_by_label("What players have to know")).to_have_value("Be kind.")
    shoot(stale.page, "desk-stale")
