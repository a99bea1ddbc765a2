"""Accessibility of every page, for screen readers, keyboards and phones, in light and dark."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from stack.processes import Process
from tests.browser.axe import NEXT_FRAME, SCHEMES, violations
from tests.browser.visitor import PASSWORD, NewVisitor, Screenshot, Visitor

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}}
DEMO_PASSWORD = "crown-demo"
PUBLIC = ("/", "/tournaments/all/finished", "/sign-up", "/tournaments/1", "/tournaments/4",
          "/tournaments/5", "/tournaments/6", "/matches/1")  # fmt: skip
WIDE = ("/tournaments/4", "/tournaments/5")
SIGNED_IN = ("/me", "/me/account", "/me/all/organized", "/teams", "/tournaments/new",
             "/tournaments/7", "/tournaments/3/desk", "/tournaments/7/desk")  # fmt: skip
ADMIN = ("/admin/", "/admin/tournaments/tournament/", "/admin/matches/match/1/change/")


def sign_in_to_demo(new_visitor: NewVisitor, **options: object) -> Visitor:
    return new_visitor("demo", **options).sign_in(DEMO_PASSWORD)


def expect_no_violations(visitor: Visitor, paths: tuple[str, ...]) -> None:
    assert [message for path in paths for message in violations(visitor.open(path).page)] == []


def test_public_pages_are_accessible(new_visitor: NewVisitor) -> None:
    expect_no_violations(new_visitor(bypass_csp=True), PUBLIC)
    expect_no_violations(new_visitor(**PHONE, bypass_csp=True), WIDE)


@pytest.mark.parametrize("paths", [SIGNED_IN, ADMIN], ids=["user", "admin"])
def test_pages_of_a_signed_in_user_are_accessible(
    new_visitor: NewVisitor, paths: tuple[str, ...]
) -> None:
    expect_no_violations(sign_in_to_demo(new_visitor, bypass_csp=True), paths)


def test_a_form_with_errors_is_accessible(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(bypass_csp=True).open("/sign-in")
    visitor.fill(username="nobody", password="incorrect").submit()
    expect(visitor.page.get_by_role("alert")).not_to_be_empty()
    assert violations(visitor.page) == []


def test_the_404_page_is_accessible(browser: Browser, web: Process) -> None:
    """Not a watched page: the browser logs the 404 as an error."""
    context = browser.new_context(base_url=web.url, bypass_csp=True)
    page = context.new_page()
    page.goto("/nowhere")
    expect(page.get_by_role("heading")).to_be_visible()
    assert violations(page) == []
    context.close()


def test_the_admin_follows_the_content_security_policy(new_visitor: NewVisitor) -> None:
    staff = sign_in_to_demo(new_visitor)
    for path in ADMIN:
        staff.open(path)


@pytest.mark.parametrize(
    "path", ["/", "/tournaments/1", "/tournaments/2", "/matches/1", "/sign-up"]
)
def test_no_page_is_wider_than_a_phone(new_visitor: NewVisitor, path: str) -> None:
    page = new_visitor(**PHONE).open(path).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("path", "name", "is_wide"),
    [
        ("/tournaments/4", "Losers bracket", True),
        ("/tournaments/4", "Grand final", False),
        ("/tournaments/5", "Standings", True),
        ("/tournaments/6", "Group 1", False),
    ],
)
def test_a_wide_region_fades_at_its_edge_and_scrolls_by_keyboard(
    new_visitor: NewVisitor, screenshot: Screenshot, path: str, name: str, is_wide: bool
) -> None:
    page = new_visitor(**PHONE).open(path).page
    region = page.get_by_role("region", name=f"{name}, scrolls sideways")
    assert fades(region) == ["0px", "40px" if is_wide else "0px"]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        screenshot(page, f"wide-{name}-{scheme}")
    region.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(SCROLLED_TO_END, arg=region.element_handle())
    assert fades(region) == ["40px" if is_wide else "0px", "0px"]


SCROLLED_TO_END = "region => region.scrollLeft >= region.scrollWidth - region.clientWidth - 1"
FADES = """region => ["--before", "--after"].map(
  (end) => getComputedStyle(region).getPropertyValue(end)
)"""


def fades(region: Locator) -> list[str]:
    """The widths of the fades on the left and on the right."""
    region.page.evaluate(NEXT_FRAME)
    widths: list[str] = region.evaluate(FADES)
    return widths


def test_the_status_of_a_payment_fits_on_a_phone(new_visitor: NewVisitor) -> None:
    page = new_visitor("Aurora", **PHONE).sign_in(DEMO_PASSWORD).open("/me").page
    tag = page.get_by_role("region", name="Payments").locator(".tag").first.bounding_box()
    assert tag
    assert tag["x"] + tag["width"] <= 390


def test_a_keyboard_is_enough_to_sign_in_and_register(new_visitor: NewVisitor) -> None:
    tournament = new_visitor().sign_up().create_tournament("By keyboard", capacity=4)
    account = new_visitor().sign_up()
    player = new_visitor(account.name).open(tournament)
    tab_to(player.find("#you-sign-in"))
    player.page.keyboard.press("Enter")
    player.page.wait_for_url(re.compile("/sign-in"))
    for name, text in (("username", player.name), ("password", PASSWORD)):
        tab_to(player.field(name))
        player.page.keyboard.type(text)
    player.page.keyboard.press("Enter")
    player.page.wait_for_url(tournament)
    tab_to(player.button("enter"))
    player.page.keyboard.press("Enter")
    player.expect_text("You're registered.")


def tab_to(element: Locator) -> None:
    for _ in range(40):
        element.page.keyboard.press("Tab")
        if element.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {element}")


def test_the_first_tab_skips_to_the_content(new_visitor: NewVisitor) -> None:
    page = new_visitor().open("/").page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_focus_stays_after_an_action(new_visitor: NewVisitor) -> None:
    organizer, player = new_visitor().sign_up(), new_visitor().sign_up()
    tournament = organizer.create_tournament("Focus", capacity=4)
    expect(organizer.find("#desk")).to_be_focused()
    player.open(tournament).button("enter").press("Enter")
    player.expect_text("You're registered.")
    expect(player.find("#you")).to_be_focused()


def test_a_game_is_chosen_without_a_reload_and_changes_the_url(new_visitor: NewVisitor) -> None:
    page = new_visitor().open("/").page
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Tekken 8").click()
    page.wait_for_url(re.compile(r"\?game=Tekken"))
    expect(page.locator("#open")).to_contain_text("Tekken Weekly")
    expect(page.locator("#live")).not_to_contain_text("Rocket Night")
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    expect(page.locator("#live")).to_contain_text("Rocket Night")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_colors_follow_the_color_scheme(
    new_visitor: NewVisitor, screenshot: Screenshot, size: str, scheme: str
) -> None:
    visitor = new_visitor(color_scheme=scheme, **(PHONE if size == "phone" else {}))
    backgrounds = set()
    for name, path in (("home", "/"), ("bracket", "/tournaments/1"), ("match", "/matches/1")):
        page: Page = visitor.open(path).page
        screenshot(page, f"{name}-{size}-{scheme}")
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert backgrounds == {"rgb(243, 244, 247)" if scheme == "light" else "rgb(10, 12, 18)"}
