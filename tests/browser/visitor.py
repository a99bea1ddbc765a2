"""A visitor of the site. Fields and buttons are found by field name and action, so that a new label
changes no test; links and results are found by what the page shows."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct-horse-battery"
NewVisitor = Callable[..., "Visitor"]
Screenshot = Callable[[Page, str], None]
Score = tuple[int, int]


@dataclass
class Visitor:
    page: Page
    name: str = ""

    def open(self, path: str) -> Self:
        self.page.goto(path)
        return self

    def sign_up(self) -> Self:
        self.name = self.name or f"p-{secrets.token_hex(4)}"
        self.open("/sign-up")
        return self.send_credentials()

    def sign_in(self, password: str = PASSWORD) -> Self:
        self.open("/sign-in")
        return self.send_credentials(password)

    def send_credentials(self, password: str = PASSWORD) -> Self:
        self.fill(username=self.name, password=password).submit()
        expect(self.page.get_by_role("link", name=self.name, exact=True)).to_be_visible()
        return self

    def field(self, name: str) -> Locator:
        return self.page.locator(f'main [name="{name}"]')

    def fill(self, **values: str | int) -> Self:
        """By field name. Selects the option if the field is a list."""
        for name, value in values.items():
            field = self.field(name)
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(str(value))
            else:
                field.fill(str(value))
        return self

    def button(self, action: str = "") -> Locator:
        """The submit button of an action's form, or of the only form of the page."""
        form = f'form:has([name="do"][value="{action}"])' if action else "form"
        return self.page.locator(f"main {form} button[type=submit]")

    def submit(self, action: str = "") -> Self:
        self.button(action).click()
        return self

    def unfold(self, text: str) -> Self:
        self.page.locator("summary", has_text=text).click()
        return self

    def follow(self, link: str) -> Self:
        self.page.get_by_role("link", name=link).click()
        return self

    def expect_text(self, text: str) -> Self:
        expect(self.page.locator("main").get_by_text(text).first).to_be_visible()
        return self

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    @property
    def notices(self) -> Locator:
        return self.find("#notices")

    def create_tournament(self, name: str, **plan: str | int) -> str:
        """Opens its registration. Returns its URL."""
        self.open("/tournaments/new").fill(name=name, **plan).submit()
        self.page.wait_for_url(re.compile(r"/tournaments/\d+/desk$"))
        self.submit("open").expect_text("Registration is open.")
        return self.page.url.removesuffix("/desk")

    def register(self, tournament: str) -> Self:
        return self.open(tournament).submit("enter").expect_text("You're registered.")

    def start(self, tournament: str) -> Self:
        return self.open(f"{tournament}/desk").submit("start").expect_text("Tournament started.")

    def is_playing(self, tournament: str) -> bool:
        return self.open(tournament).page.get_by_role("link", name="Go to match").count() == 1

    def match(self, tournament: str) -> str:
        """The URL of the visitor's open match."""
        self.open(tournament).follow("Go to match")
        self.page.wait_for_url(re.compile(r"/matches/\d+$"))
        return self.page.url

    def report(self, match: str, score: Score) -> Self:
        return self.open(match).enter_score("report", score)

    def enter_score(self, action: str, score: Score) -> Self:
        for side, points in zip("ab", score, strict=True):
            self.find(f"#{action}_score_{side}").fill(str(points))
        return self.submit(action)

    def expect_match(self, status: str) -> Self:
        expect(self.find(".versus")).to_have_attribute("data-status", status)
        return self

    def confirm(self, match: str) -> Self:
        return self.open(match).submit("confirm").expect_match("completed")


def start_tournament(
    new_visitor: NewVisitor, players: int, **options: bool
) -> tuple[Visitor, list[Visitor], str]:
    """The organizer, the players, and the URL of their live tournament."""
    organizer = new_visitor(**options).sign_up()
    tournament = organizer.create_tournament("Crown Night", capacity=players)
    entrants = [new_visitor(**options).sign_up().register(tournament) for _ in range(players)]
    return organizer.start(tournament), entrants, tournament
