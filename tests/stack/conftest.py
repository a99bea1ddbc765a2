from collections.abc import Iterator

import pytest

from stack.processes import Process, Stack
from tests.stacks import on_postgres, redis_url


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
