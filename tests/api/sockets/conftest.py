from collections.abc import Iterator

import pytest

from tests.api.served import Headers, Served


@pytest.fixture(scope="module")
def organizer(server: Served) -> Headers:
    return server.player()


@pytest.fixture(scope="module")
def cup(server: Served, organizer: Headers) -> int:
    """A tournament with two events: created and opened."""
    return server.opened(organizer)


@pytest.fixture(scope="module", autouse=True)
def _no_sockets_and_no_errors_remain(server: Served) -> Iterator[None]:
    """After a module the gauge is at 0, and the server has logged no error."""
    before = server.value("ws_connection_failures_total", reason="error")
    yield
    assert server.settled()
    assert server.value("ws_connection_failures_total", reason="error") == before
    assert not [line for line in server.log_lines() if line["level"] == "ERROR"]
