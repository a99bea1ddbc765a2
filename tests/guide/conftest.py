from collections.abc import Iterator

import pytest

from tests.api.served import Served, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real web process on SQLite, for all tests that only add to it."""
    with served(tmp_path_factory.mktemp("guide")) as running:
        yield running
