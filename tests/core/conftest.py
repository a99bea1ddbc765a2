import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from apps.core import context, sentry
from apps.core.types import App

Client = Callable[[App], httpx.AsyncClient]


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> None:
    """Django's test client runs views in this thread, and what they bind stays."""
    context.replace({})


@pytest.fixture
def client_of() -> Client:
    """Speaks HTTP to an ASGI application of this very process."""

    def client(app: App) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://testserver")

    return client


class Kept(Transport):
    """A transport that keeps what would be sent."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    def events(self) -> list[Any]:
        return [event for one in self.envelopes if (event := one.get_event())]

    def transactions(self) -> list[Any]:
        return [event for one in self.envelopes if (event := one.get_transaction_event())]

    def text(self) -> str:
        """All that would go over the wire."""
        return json.dumps(self.events() + self.transactions(), default=str)


@pytest.fixture
def sent_to_sentry() -> Iterator[Kept]:
    """Sentry as our settings start it, every request traced, with a transport that keeps."""
    kept = Kept()
    sentry.init(
        dsn="https://key@sentry.invalid/1",
        environment="staging",
        release="1.2.3",
        traces_sample_rate=1.0,
        profiles_sample_rate=0.0,
        transport=kept,
    )
    with sentry_sdk.isolation_scope():
        yield kept
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)
