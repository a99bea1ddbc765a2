from collections.abc import Iterator

import pytest

from tests.api.served import Served


@pytest.fixture(scope="module")
def organizer(server: Served) -> dict[str, str]:
    return server.player()


@pytest.fixture(scope="module")
def cup(server: Served, organizer: dict[str, str]) -> int:
    """Two events: created, opened."""
    return server.opened(organizer)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(server: Served) -> Iterator[None]:
    """After every test here: the gauge is at 0, and nothing was a fault of ours."""
    before = server.value("ws_connection_failures_total", reason="error")
    yield
    assert server.settled()
    assert server.value("ws_connection_failures_total", reason="error") == before
    assert not [line for line in server.log_lines() if line["level"] == "ERROR"]
