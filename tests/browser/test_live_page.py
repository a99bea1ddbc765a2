"""The tournament page in a real browser, while the tournament is played."""

import itertools
import secrets
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from demo.plan import Plan
from demo.scenario import DemoTournament
from stack.processes import Process

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def crowd(web: Process) -> Iterator[DemoTournament]:
    """Sixteen players and an organizer who have signed up for an account."""
    crowd = DemoTournament(web.url, pace=0)
    crowd.sign_up(lambda: None)
    yield crowd
    crowd.http.close()


@pytest.fixture
def demo(crowd: DemoTournament) -> DemoTournament:
    """Another tournament of theirs, which is open."""
    crowd.run_id = secrets.token_hex(3)
    crowd.open_tournament()
    return crowd


@pytest.fixture
def opened(watched: Page, web: Process, demo: DemoTournament) -> Page:
    watched.goto(f"{web.url}/tournaments/{demo.tournament['id']}")
    expect(watched.locator("#connection")).to_have_text("● Live updates")
    watched.evaluate("window.sameDocument = true")
    return watched


def fill(demo: DemoTournament) -> None:
    for number, player in enumerate(demo.players):
        demo.register_and_pay(number, player)
    demo.organizer.post(f"{demo.path}/start")


def scores(page: Page) -> int:
    filled = [text for text in page.locator(".side .score").all_inner_texts() if text]
    return len(filled)


def test_the_bracket_moves_without_a_reload(
    opened: Page, demo: DemoTournament, shoot: Callable[[Page, str], None]
) -> None:
    expect(opened.locator("#status")).to_have_text("Open")
    expect(opened.locator(".match")).to_have_count(0)
    shoot(opened, "before")

    fill(demo)
    expect(opened.locator("#entrants")).to_have_text("16")
    expect(opened.locator("#status")).to_have_text("Live")
    expect(opened.locator(".match")).to_have_count(15)
    ready = opened.locator('.match[data-status="ready"]')
    expect(ready).to_have_count(8)

    played = itertools.count(1)

    def shoot_half_way() -> None:
        if next(played) == 8:
            shoot(opened, "during")

    demo.play_matches(shoot_half_way)
    expect(opened.locator('.match[data-status="completed"]')).to_have_count(15)
    expect(opened.locator('.side[data-won="true"]')).to_have_count(15)
    assert scores(opened) == 30
    champion = demo.organizer.get(demo.path)["champion"]["username"]
    expect(opened.locator("#crowned")).to_contain_text(champion)
    expect(opened.locator("#status")).to_have_text("Completed")
    expect(opened.locator("#feed li").first).to_contain_text("5,000 DeltaCoin")
    shoot(opened, "after")
    assert opened.evaluate("window.sameDocument") is True


def test_the_live_page_and_a_fresh_one_show_the_same(
    opened: Page, demo: DemoTournament, web: Process
) -> None:
    fill(demo)
    demo.play_matches(lambda: None)
    expect(opened.locator("#status")).to_have_text("Completed")
    expect(opened.locator('.side[data-won="true"]')).to_have_count(15)
    shown = opened.locator("#bracket").inner_text()
    opened.reload()
    assert opened.locator("#bracket").inner_text() == shown


@pytest.mark.parametrize("format", ["double_elimination", "round_robin", "swiss", "groups"])
def test_every_format_is_drawn_anew_as_it_goes(watched: Page, web: Process, format: str) -> None:
    demo = DemoTournament(web.url, pace=0, plan=Plan(format=format, entrants=6))
    demo.sign_up(lambda: None)
    demo.open_tournament()
    watched.goto(f"{web.url}/tournaments/{demo.tournament['id']}")
    expect(watched.locator("#connection")).to_have_text("● Live updates")
    watched.evaluate("window.sameDocument = true")
    fill(demo)
    expect(watched.locator('.match[data-status="ready"]').first).to_be_attached()
    demo.play_matches(lambda: None)
    expect(watched.locator("#connection")).to_have_text("Finished")
    expect(watched.locator('.match:not([data-status="completed"])')).to_have_count(0)
    assert watched.evaluate("window.sameDocument") is True
    shown = watched.locator("#bracket").inner_text()
    watched.reload()
    assert watched.locator("#bracket").inner_text() == shown
    demo.http.close()


def test_nothing_is_lost_while_the_network_is_away(opened: Page, demo: DemoTournament) -> None:
    opened.context.set_offline(True)
    expect(opened.locator("#connection")).to_contain_text("Offline")
    fill(demo)
    opened.context.set_offline(False)
    expect(opened.locator("#connection")).to_have_text("● Live updates", timeout=20_000)
    expect(opened.locator("#entrants")).to_have_text("16")
    expect(opened.locator('.match[data-status="ready"]')).to_have_count(8)
    assert opened.evaluate("window.sameDocument") is True


def test_a_hostile_name_is_text(opened: Page, demo: DemoTournament, web: Process) -> None:
    wish = {"name": HOSTILE, "game_title": "Dota 2", "capacity": 4}
    made = demo.organizer.post("/api/tournaments/", wish, expect=201)
    demo.organizer.post(f"/api/tournaments/{made['id']}/open", expect=200)
    opened.goto(f"{web.url}/tournaments/{made['id']}")
    expect(opened.locator("h1")).to_have_text(HOSTILE)
    opened.goto(web.url)
    assert opened.locator("img[src=x]").count() == 0


def test_pages_come_with_a_policy_and_nothing_from_elsewhere(web: Process) -> None:
    answer = httpx.get(web.url)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text.replace("http://www.w3.org", "")


def test_a_page_that_is_not_there_says_its_request_id(web: Process) -> None:
    answer = httpx.get(f"{web.url}/tournaments/999999")
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] in answer.text


def test_what_a_visitor_can_do_follows_the_tournament(opened: Page, demo: DemoTournament) -> None:
    expect(opened.locator("#you")).to_contain_text("Registration is open.")
    fill(demo)
    expect(opened.locator("#you")).not_to_contain_text("Registration is open.")
    assert opened.evaluate("window.sameDocument") is True
