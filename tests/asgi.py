import httpx

from apps.core.types import App


def client_of(app: App) -> httpx.AsyncClient:
    """Speaks HTTP to an ASGI application in this process."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")
