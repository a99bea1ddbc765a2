"""The tournament page while the tournament is played."""

import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from demo.plan import Plan
from demo.scenario import DemoTournament
from stack.processes import Process

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def traffic(web: Process) -> Iterator[DemoTournament]:
    """Accounts of 16 players and an organizer."""
    traffic = DemoTournament(web.url, pace=0)
    traffic.sign_up(lambda: None)
    yield traffic
    traffic.http.close()


@pytest.fixture
def demo(traffic: DemoTournament) -> DemoTournament:
    """With a new tournament that is open for registration."""
    traffic.run_id = secrets.token_hex(3)
    traffic.open_tournament()
    return traffic


def open_live(page: Page, demo: DemoTournament) -> Page:
    page.goto(f"{demo.base_url}/tournaments/{demo.tournament['id']}")
    expect(page.locator("#connection")).to_have_text("● Live updates")
    page.evaluate("window.sameDocument = true")
    return page


def expect_unchanged_by_a_reload(page: Page) -> None:
    """The page shows the same after its first reload since `open_live`."""
    assert page.evaluate("window.sameDocument") is True
    shown = page.locator("#bracket").inner_text()
    page.reload()
    assert page.locator("#bracket").inner_text() == shown


@pytest.fixture
def live_page(watched: Page, demo: DemoTournament) -> Page:
    return open_live(watched, demo)


def start(demo: DemoTournament) -> None:
    for number, player in enumerate(demo.players):
        demo.register_and_pay(number, player)
    demo.organizer.post(f"{demo.path}/start")


def test_the_bracket_updates_without_a_reload(live_page: Page, demo: DemoTournament) -> None:
    expect(live_page.locator("#status")).to_have_text("Open")
    expect(live_page.locator("#you")).to_contain_text("Registration is open.")
    expect(live_page.locator(".match")).to_have_count(0)

    start(demo)
    expect(live_page.locator("#entrants")).to_have_text("16")
    expect(live_page.locator("#status")).to_have_text("Live")
    expect(live_page.locator("#you")).not_to_contain_text("Registration is open.")
    expect(live_page.locator(".match")).to_have_count(15)
    ready = live_page.locator('.match[data-status="ready"]')
    expect(ready).to_have_count(8)

    demo.play_matches(lambda: None)
    expect(live_page.locator('.match[data-status="completed"]')).to_have_count(15)
    expect(live_page.locator('.match [data-won="true"]')).to_have_count(15)
    expect(live_page.locator(".match .score", has_text=re.compile(r"\d"))).to_have_count(30)
    champion = demo.organizer.get(demo.path)["champion"]["username"]
    expect(live_page.locator("#crowned")).to_contain_text(champion)
    expect(live_page.locator("#status")).to_have_text("Completed")
    expect(live_page.locator("#feed li").first).to_contain_text("5,000 DeltaCoin")
    expect_unchanged_by_a_reload(live_page)


@pytest.mark.parametrize("format", ["double_elimination", "round_robin", "swiss", "groups"])
def test_every_format_updates_without_a_reload(watched: Page, web: Process, format: str) -> None:
    demo = DemoTournament(web.url, pace=0, plan=Plan(format=format, entrants=6))
    demo.sign_up(lambda: None)
    demo.open_tournament()
    open_live(watched, demo)
    start(demo)
    expect(watched.locator('.match[data-status="ready"]').first).to_be_attached()
    demo.play_matches(lambda: None)
    expect(watched.locator("#connection")).to_have_text("Finished")
    expect(watched.locator('.match:not([data-status="completed"])')).to_have_count(0)
    expect_unchanged_by_a_reload(watched)
    demo.http.close()


def test_events_during_a_network_failure_are_shown_after_it(
    live_page: Page, demo: DemoTournament
) -> None:
    live_page.context.set_offline(True)
    expect(live_page.locator("#connection")).to_contain_text("Connection lost")
    start(demo)
    live_page.context.set_offline(False)
    expect(live_page.locator("#connection")).to_have_text("● Live updates", timeout=20_000)
    expect(live_page.locator("#entrants")).to_have_text("16")
    expect(live_page.locator('.match[data-status="ready"]')).to_have_count(8)
    assert live_page.evaluate("window.sameDocument") is True


def test_a_name_with_html_is_shown_as_text(
    live_page: Page, demo: DemoTournament, web: Process
) -> None:
    plan = {"name": HOSTILE, "game_title": "Dota 2", "capacity": 4}
    made = demo.organizer.post("/api/tournaments/", plan, expect=201)
    demo.organizer.post(f"/api/tournaments/{made['id']}/open", expect=200)
    live_page.goto(f"{web.url}/tournaments/{made['id']}")
    expect(live_page.locator("h1")).to_have_text(HOSTILE)
    live_page.goto(web.url)
    assert live_page.locator("img[src=x]").count() == 0


def test_pages_have_a_policy_and_load_nothing_from_other_origins(web: Process) -> None:
    response = httpx.get(web.url)
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "http://" not in response.text.replace("http://www.w3.org", "")
