from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.processes import Process, Stack
from tests.stacks import on_postgres, on_sqlite, redis_url


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_postgres(tmp_path_factory.mktemp("stack"), redis=redis_url(9)) as stack:
        yield stack


@pytest.fixture(scope="session")
def web(stack: Stack) -> Process:
    return stack.web()


@pytest.fixture(scope="session")
def worker(stack: Stack) -> Process:
    return stack.worker()


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    with on_sqlite(tmp_path) as stack:
        yield stack
