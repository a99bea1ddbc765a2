"""Who may open a socket: our own pages, by Origin; or a program, by token."""

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from apps.core import context, thread_pool
from apps.core.types import App, Message, Receive, Scope, Send
from apps.core.websocket.rejections import RejectReason, reject

logger = logging.getLogger(__name__)

PORTS = {"http": "80", "https": "443"}
# daphne drops a handshake after 5 s and tells nobody: what is accepted later would be counted as a
# connection that no client has.
HANDSHAKE_SECONDS = 4.0
LOCAL_HOSTS = [".localhost", "127.0.0.1", "[::1]"]  # what Django allows in DEBUG without others


class WebSocketAuth:
    """ASGI middleware. `user_of(token)` runs in a worker thread and gives the token's user id, or
    None where the token is not valid. A handshake that takes too long is refused."""

    def __init__(self, app: App, *, user_of: Callable[[str], int | None]) -> None:
        self.app = app
        self.user_of = user_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS) as patience:

                async def send_and_see(message: Message) -> None:
                    if message["type"] == "websocket.accept":
                        patience.reschedule(None)
                    await send(message)

                await self._let_in(scope, receive, send_and_see)
        except TimeoutError:
            if not patience.expired():
                raise
            await reject(send, RejectReason.TIMEOUT)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]
        }
        origin = headers.get("origin")
        if origin is not None and not is_ours(origin, headers.get("host", ""), scope):
            return await reject(send, RejectReason.ORIGIN)
        try:
            user_id = await self._user(headers.get("authorization", ""))
        except thread_pool.Overloaded:
            return await reject(send, RejectReason.OVERLOADED)
        except Exception:  # whatever it is, the client is told and the socket is counted
            logger.exception("WebSocket failed")
            return await reject(send, RejectReason.ERROR)
        if origin is None and user_id is None:
            return await reject(send, RejectReason.UNAUTHENTICATED)
        if user_id is not None:
            context.bind(user_id=user_id)
        return await self.app(scope, receive, send)

    async def _user(self, authorization: str) -> int | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        return await thread_pool.query(self.user_of, token.strip())


def is_ours(origin: str, host: str, scope: Scope) -> bool:
    """By scheme, host and port: the origin that this very request was sent to, on a host of
    ALLOWED_HOSTS, or one of CSRF_TRUSTED_ORIGINS."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, _allowed_hosts()):
        return False
    return _parts(origin) is not None and _parts(origin) == _parts(f"{_scheme(scope)}://{host}")


def _allowed_hosts() -> list[str]:
    return settings.ALLOWED_HOSTS or (LOCAL_HOSTS if settings.DEBUG else [])


def _scheme(scope: Scope) -> str:
    """http or https, as the browser saw it: a proxy in front of us has to be trusted by name."""
    header = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if header:
        name = header[0].removeprefix("HTTP_").replace("_", "-").lower().encode()
        if dict(scope["headers"]).get(name, b"").decode("latin1") == header[1]:
            return "https"
    return "https" if scope.get("scheme") == "wss" else "http"


def _parts(origin: str) -> tuple[str, str, str] | None:
    try:
        found = urlsplit(origin)
        port = str(found.port or PORTS.get(found.scheme, ""))
    except ValueError:
        return None
    if not found.hostname or found.path or found.query or found.username:
        return None
    return found.scheme, found.hostname, port
