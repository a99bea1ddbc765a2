from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.sentry_capture import SentryServer


@pytest.fixture
def sentry() -> Iterator[SentryServer]:
    with closing(SentryServer()) as server:
        yield server
