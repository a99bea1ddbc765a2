"""Every page, for who uses a keyboard or a screen reader, in light and dark, on a phone too."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from stack.processes import Process
from tests.browser.axe import DRAWN, SCHEMES, findings
from tests.browser.people import PASSWORD, Someone

pytestmark = pytest.mark.browser
Come = Callable[..., Someone]
Shoot = Callable[[Page, str], None]
PHONE = {"viewport": {"width": 390, "height": 844}}
DEMO = ("demo", "crown-demo")
FOR_ALL = ("/", "/tournaments/all/finished", "/sign-up", "/tournaments/1", "/tournaments/4",
           "/tournaments/5", "/tournaments/6", "/matches/1")  # fmt: skip
WIDE = ("/tournaments/4", "/tournaments/5")
SIGNED_IN = ("/me", "/me/account", "/me/all/organised", "/teams", "/tournaments/new",
             "/tournaments/7", "/tournaments/3/desk", "/tournaments/7/desk")  # fmt: skip
OF_ADMIN = ("/admin/", "/admin/tournaments/tournament/", "/admin/matches/match/1/change/")


def test_visitors_pages_have_no_grave_fault(someone: Come) -> None:
    check(someone(bypass_csp=True), FOR_ALL)
    check(someone(**PHONE, bypass_csp=True), WIDE)


def test_pages_of_who_is_signed_in_have_no_grave_fault(someone: Come) -> None:
    name, password = DEMO
    check(someone(name, bypass_csp=True).signs_in(password), SIGNED_IN)


def test_the_admin_has_no_grave_fault(someone: Come) -> None:
    name, password = DEMO
    check(someone(name, bypass_csp=True).signs_in(password), OF_ADMIN)


def test_pages_that_say_what_is_wrong_have_no_grave_fault(someone: Come) -> None:
    visitor = (
        someone(bypass_csp=True)
        .goes("/sign-in")
        .fills("Name", "nobody")
        .fills("Password", "wrong-one")
    )
    visitor.page.locator("main").get_by_role("button", name="Sign in").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("wrong")
    assert findings(visitor.page) == []


def check(who: Someone, paths: tuple[str, ...]) -> None:
    found = [fault for path in paths for fault in findings(who.goes(path).page)]
    assert found == []


@pytest.mark.parametrize(
    "path", ["/", "/tournaments/1", "/tournaments/2", "/matches/1", "/sign-up"]
)
def test_nothing_is_wider_than_a_phone(someone: Come, path: str) -> None:
    page = someone(**PHONE).goes(path).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("path", "name", "is_wide"),
    [
        ("/tournaments/4", "Losers", True),
        ("/tournaments/4", "Grand final", False),
        ("/tournaments/5", "Standings", True),
        ("/tournaments/6", "Group 1", False),
    ],
)
def test_a_phone_shows_where_there_is_more_and_a_keyboard_gets_there(
    someone: Come, shoot: Shoot, path: str, name: str, is_wide: bool
) -> None:
    page = someone(**PHONE).goes(path).page
    box = page.get_by_role("region", name=f"{name}, scrolls sideways")
    assert faded(box) == ["0px", "40px" if is_wide else "0px"]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        shoot(page, f"wide-{name}-{scheme}")
    box.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(SCROLLED, arg=box.element_handle())
    assert faded(box) == ["40px" if is_wide else "0px", "0px"]


SCROLLED = "box => box.scrollLeft >= box.scrollWidth - box.clientWidth - 1"
FADED = (
    """box => ["--before", "--after"].map((end) => getComputedStyle(box).getPropertyValue(end))"""
)


def faded(box: Locator) -> list[str]:
    """How far it fades out on the left and on the right."""
    box.page.evaluate(DRAWN)
    found: list[str] = box.evaluate(FADED)
    return found


def test_a_phone_shows_how_payments_ended(someone: Come) -> None:
    page = someone("Aurora", **PHONE).signs_in(DEMO[1]).goes("/me").page
    box = page.get_by_role("region", name="Payments").locator(".tag").first.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390


def test_signing_in_and_entering_takes_a_keyboard_only(someone: Come) -> None:
    organizer = someone().signs_up()
    place = organizer.makes_tournament("By keyboard", Seats=4)
    known = someone().signs_up()
    player = someone(known.name).goes(place)
    tab_to(player.page, "Sign in to enter")
    player.page.keyboard.press("Enter")
    player.page.wait_for_url(re.compile("/sign-in"))
    for label, text in (("Name", player.name), ("Password", PASSWORD)):
        tab_to(player.page, label)
        player.page.keyboard.type(text)
    player.page.keyboard.press("Enter")
    player.page.wait_for_url(place)
    tab_to(player.page, "Enter")
    player.page.keyboard.press("Enter")
    player.is_told("You are in.")


NAME_OF_FOCUSED = """() => {
  const one = document.activeElement;
  return (one.labels?.[0] ?? one).textContent.trim();
}"""


def tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(NAME_OF_FOCUSED) == name:
            return
    raise AssertionError(f"no {name} to be reached by the keyboard")


def test_the_page_that_says_there_is_none_has_no_grave_fault(
    browser: Browser, web: Process
) -> None:
    """Not watched: that it is not found is an error on the console."""
    context = browser.new_context(base_url=web.url, bypass_csp=True)
    page = context.new_page()
    page.goto("/nowhere")
    expect(page.get_by_role("heading")).to_have_text("Page not found")
    assert findings(page) == []
    context.close()


def test_the_admin_keeps_to_the_policy(someone: Come) -> None:
    name, password = DEMO
    staff = someone(name).signs_in(password)
    for path in OF_ADMIN:
        staff.goes(path)


def test_the_first_tab_skips_to_the_content(someone: Come) -> None:
    page = someone().goes("/").page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_games_are_chosen_without_a_reload_and_with_an_address(someone: Come) -> None:
    page = someone().goes("/").page
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Tekken 8").click()
    page.wait_for_url(re.compile(r"\?game=Tekken"))
    expect(page.locator("#open")).to_contain_text("Tekken Weekly")
    expect(page.locator("#live")).not_to_contain_text("Rocket Night")
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    expect(page.locator("#live")).to_contain_text("Rocket Night")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_they_are_fit_to_be_seen(
    someone: Come, shoot: Shoot, web: Process, size: str, scheme: str
) -> None:
    """Pictures, with SCREENSHOTS=folder; and without, that colours do follow the system's."""
    seen = someone(color_scheme=scheme, **(PHONE if size == "phone" else {}))
    grounds = set()
    for name, path in (("home", "/"), ("bracket", "/tournaments/1"), ("match", "/matches/1")):
        page = seen.goes(path).page
        shoot(page, f"{name}-{size}-{scheme}")
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == {"rgb(243, 244, 247)" if scheme == "light" else "rgb(10, 12, 18)"}


def test_the_focus_stays_where_something_was_done(someone: Come) -> None:
    organizer, player = someone().signs_up(), someone().signs_up()
    place = organizer.makes_tournament("Focused", Seats=4)
    expect(organizer.sees("#desk")).to_be_focused()
    player.goes(place).sees("#do-enter").press("Enter")
    player.is_told("You are in.")
    expect(player.sees("#you")).to_be_focused()
