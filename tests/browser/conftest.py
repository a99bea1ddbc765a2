import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from stack.processes import Process, Stack
from tests.browser.people import Someone
from tests.cached_fixtures import demo_sqlite
from tests.stack.conftest import on_sqlite

# What a browser says of an answer that a test provokes and looks at itself.
REFUSED = ("status of 401", "status of 402", "status of 403", "status of 409", "status of 422")
BROKEN_POLICY = "Content security policy violated"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which looks nothing up."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": shutil.which("chromium"), "args": options}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """SQLite and demo data, as `make run` has it, for all tests: each makes what it changes."""
    with on_sqlite(tmp_path_factory.mktemp("site"), demo_sqlite) as stack:
        yield stack


@pytest.fixture(scope="session")
def web(site: Stack) -> Process:
    return site.web()


class Faults:
    """What a page must not do: errors on the console, exceptions, requests to elsewhere."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.found: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("request", lambda request: self._note_place(request.url))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in REFUSED):
            self.found.append(message.text)

    def _note_place(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:", "about:")):
            self.found.append(f"asked {url}")


@pytest.fixture
def faults(web: Process) -> Iterator[Faults]:
    """No page of the test, whoever's it is, may do anything of that, nor break our policy."""
    noted = Faults(web.url)
    before = len(web.lines())
    yield noted
    assert noted.found == []
    assert [line for line in web.lines()[before:] if BROKEN_POLICY in line] == []


@pytest.fixture
def watched(page: Page, faults: Faults) -> Page:
    faults.watch(page)
    return page


@pytest.fixture
def someone(browser: Browser, web: Process, faults: Faults) -> Iterator[Callable[..., Someone]]:
    """Gives people who are at the site, each with a browser of their own."""
    contexts: list[BrowserContext] = []

    def come(name: str = "", **options: Any) -> Someone:
        context = browser.new_context(base_url=web.url, **options)
        contexts.append(context)
        page = context.new_page()
        faults.watch(page)
        return Someone(page, name)

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """A picture for whoever wants to look: SCREENSHOTS=folder."""
    folder = os.environ.get("SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            page.wait_for_timeout(800)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take
