"""Captures what the Sentry SDK sends in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from apps.core import sentry
from stack.sentry import Envelopes

OPTIONS: dict[str, Any] = {
    "dsn": "https://key@sentry.invalid/1",
    "environment": "staging",
    "release": "1.2.3",
    "traces_sample_rate": 1.0,
    "profiles_sample_rate": 0.0,
    "tags": ("tournament_id", "match_id"),
}


class Capture(Transport, Envelopes):
    """A transport that keeps envelopes instead of sending them."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.envelopes = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


@contextmanager
def capturing(**options: Any) -> Iterator[Capture]:
    """Starts Sentry with OPTIONS and these options, and keeps the envelopes."""
    kept = Capture()
    sentry.init(**(OPTIONS | {"transport": kept} | options))
    try:
        with sentry_sdk.isolation_scope():
            yield kept
    finally:
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def sent_to_sentry() -> Iterator[Capture]:
    """Every request is traced."""
    with capturing() as kept:
        yield kept
