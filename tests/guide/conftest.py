from collections.abc import Iterator
from contextlib import closing

import pytest

from stack.sentry import SentryServer


@pytest.fixture
def sentry() -> Iterator[SentryServer]:
    with closing(SentryServer()) as server:
        yield server
