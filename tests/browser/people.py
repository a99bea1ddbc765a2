"""People at the site, who do everything by what they see: labels, buttons, links."""

import re
import secrets
from dataclasses import dataclass
from typing import Self

from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct-horse-battery"


@dataclass
class Someone:
    page: Page
    name: str = ""

    def goes(self, path: str) -> Self:
        self.page.goto(path)
        return self

    def signs_up(self) -> Self:
        self.name = self.name or f"p-{secrets.token_hex(4)}"
        self.goes("/sign-up").fills("Name", self.name).fills("Password", PASSWORD)
        self.page.locator("main").get_by_role("button", name="Sign up").click()
        expect(self.page.get_by_role("link", name=self.name)).to_be_visible()
        return self

    def signs_in(self, password: str = PASSWORD) -> Self:
        self.goes("/sign-in").fills("Name", self.name).fills("Password", password)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("link", name=self.name)).to_be_visible()
        return self

    def fills(self, label: str, text: str | int) -> Self:
        self.page.get_by_label(label, exact=True).fill(str(text))
        return self

    def chooses(self, label: str, option: str) -> Self:
        self.page.get_by_label(label, exact=True).select_option(option)
        return self

    def presses(self, button: str) -> Self:
        self.page.get_by_role("button", name=button, exact=True).click()
        return self

    def unfolds(self, words: str) -> Self:
        self.page.locator("summary", has_text=words).click()
        return self

    def is_told(self, words: str) -> Self:
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible()
        return self

    def sees(self, what: str) -> Locator:
        return self.page.locator(what)

    def makes_tournament(self, name: str, **more: str | int) -> str:
        """Its address. `more` by the labels of the form, `_` for a space."""
        self.goes("/tournaments/new").fills("Name", name)
        for label, value in more.items():
            field = self.page.get_by_label(label.replace("_", " "), exact=True)
            kind = field.evaluate("one => one.tagName")
            if kind == "SELECT":
                field.select_option(str(value))
            else:
                field.fill(str(value))
        self.presses("Make the draft")
        self.page.wait_for_url(re.compile(r"/tournaments/\d+/desk$"))
        self.presses("Open registration").is_told("Registration is open.")
        return self.page.url.removesuffix("/desk")

    def enters(self, tournament: str) -> Self:
        self.goes(tournament).presses("Enter")
        return self.is_told("You are in.")
