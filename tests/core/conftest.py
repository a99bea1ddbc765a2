from collections.abc import Callable

import httpx
import pytest

from apps.core.types import App

Client = Callable[[App], httpx.AsyncClient]


@pytest.fixture
def client_of() -> Client:
    """Speaks HTTP to an ASGI application of this very process."""

    def client(app: App) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://testserver")

    return client
