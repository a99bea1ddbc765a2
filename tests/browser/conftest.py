import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page

from stack.processes import Process, Stack
from tests.stack.conftest import own_stack

__all__ = ["own_stack"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which looks nothing up."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": shutil.which("chromium"), "args": options}


@pytest.fixture
def web(own_stack: Stack) -> Process:
    return own_stack.web()


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """A page that has to stay without a console error, an exception and a broken policy."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert faults == []
