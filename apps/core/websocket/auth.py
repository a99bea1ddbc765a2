"""Authenticates WebSockets: the site's own pages by Origin, programs by token."""

import asyncio
import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from apps.core import context, thread_pool
from apps.core.types import App, Message, Receive, Scope, Send
from apps.core.websocket.rejections import RejectReason, reject

logger = logging.getLogger(__name__)

# daphne drops a handshake after 5 s without an event: a socket accepted later would count as a
# connection that no client has.
HANDSHAKE_TIMEOUT = 4.0


class WebSocketAuth:
    """ASGI middleware. `user_of(token)` runs in a worker thread and returns the token's user id, or
    None if the token is invalid. A handshake that takes too long is rejected."""

    def __init__(self, app: App, *, user_of: Callable[[str], int | None]) -> None:
        self.app = app
        self.user_of = user_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT) as timeout:

                async def send_and_watch(message: Message) -> None:
                    if message["type"] == "websocket.accept":
                        timeout.reschedule(None)
                    await send(message)

                await self._authenticate(scope, receive, send_and_watch)
        except TimeoutError:
            if not timeout.expired():
                raise
            await reject(send, RejectReason.TIMEOUT)

    async def _authenticate(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {key.decode("latin1"): value.decode("latin1") for key, value in scope["headers"]}
        origin = headers.get("origin")
        if origin is not None and not is_own_origin(scope):
            return await reject(send, RejectReason.ORIGIN)
        try:
            user_id = await self._user(headers.get("authorization", ""))
        except thread_pool.Overloaded:
            return await reject(send, RejectReason.OVERLOADED)
        except Exception:
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


def is_own_origin(scope: Scope) -> bool:
    """The check of Django's CSRF protection: the scheme, host and port of this request, or one of
    CSRF_TRUSTED_ORIGINS."""
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    handshake = {"method": "GET", "path": "/", "scheme": scheme, "headers": scope["headers"]}
    csrf: Any = CsrfViewMiddleware(lambda request: HttpResponse())
    return bool(csrf._origin_verified(ASGIRequest(handshake, BytesIO())))
