"""Logs one record per request and per socket: route, outcome, duration.

    application = AccessLog(application)            # around Django, and around the sockets
    MIDDLEWARE = ["...AccessLogMiddleware", ...]    # first: adds what only Django knows

The record is written where the response leaves the process. It exists for responses that never
reached Django, and counts the bytes of a stream.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.core.http.access_records import Request, Socket, context_fields
from apps.core.types import App, Receive, Scope, Send

NOTES = "access_log"


class AccessLog:
    """ASGI middleware."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        record = (Request if scope["type"] == "http" else Socket)(scope)
        try:
            await self.app(
                {**scope, NOTES: record.notes}, record.wrap_receive(receive), record.wrap_send(send)
            )
        finally:
            record.write()
        return None


class AccessLogMiddleware:
    """Django middleware that adds the route, the user and the fields of the context."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        notes = getattr(request, "scope", {}).get(NOTES, {})
        # Only a user that was loaded already: the log must not query the database.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.pk is not None:
            notes["user_id"] = user.pk
        notes.update(context_fields())
        notes["route"] = (request.resolver_match.route or "/") if request.resolver_match else ""
        return response
