import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from stack.processes import Process, Stack
from tests.browser.visitor import NewVisitor, Screenshot, Visitor
from tests.cached_fixtures import demo_sqlite
from tests.stacks import on_sqlite

# The browser logs an error for each of these responses. Tests that cause one check it themselves.
EXPECTED = ("status of 401", "status of 402", "status of 403", "status of 409", "status of 422")
POLICY_VIOLATION = "Content security policy violated"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, without requests of its own."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": shutil.which("chromium"), "args": options}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """SQLite with demo data, as in `make run`. Tests create the objects that they change."""
    with on_sqlite(tmp_path_factory.mktemp("site"), demo_sqlite) as stack:
        yield stack


@pytest.fixture(scope="session")
def web(site: Stack) -> Process:
    return site.web()


class PageErrors:
    """Errors on the console, exceptions, and requests to other origins."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.messages: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._add_message)
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", lambda request: self._add_request(request.url))

    def _add_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            self.messages.append(message.text)

    def _add_request(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:", "about:")):
            self.messages.append(f"requested {url}")


@pytest.fixture
def page_errors(web: Process) -> Iterator[PageErrors]:
    """The test fails if a watched page has an error or violates the content security policy."""
    errors = PageErrors(web.url)
    before = len(web.lines())
    yield errors
    assert errors.messages == []
    assert [line for line in web.lines()[before:] if POLICY_VIOLATION in line] == []


@pytest.fixture
def watched(page: Page, page_errors: PageErrors) -> Page:
    page_errors.watch(page)
    return page


@pytest.fixture
def new_visitor(browser: Browser, web: Process, page_errors: PageErrors) -> Iterator[NewVisitor]:
    """Creates visitors, each with a separate browser context."""
    contexts: list[BrowserContext] = []

    def create(name: str = "", **options: Any) -> Visitor:
        context = browser.new_context(base_url=web.url, **options)
        contexts.append(context)
        page = context.new_page()
        page_errors.watch(page)
        return Visitor(page, name)

    yield create
    for context in contexts:
        context.close()


@pytest.fixture
def screenshot() -> Screenshot:
    """Saves a screenshot if the environment variable SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            page.wait_for_timeout(800)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take
