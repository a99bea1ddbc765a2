"""One log line per request, and per socket: which route, how it ended, how long it took.

    application = AccessLog(application)            # around Django, and around the sockets
    MIDDLEWARE = ["...AccessLogMiddleware", ...]    # first: tells what only Django knows

The line is written where the answer leaves, so it is there for an answer that never reached Django,
and counts the bytes of a stream.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.core import context
from apps.core.http.access_records import NOTED, Request, Socket
from apps.core.types import App, Receive, Scope, Send

NOTES = "access_log"


class AccessLog:
    """ASGI middleware."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        line = (Request if scope["type"] == "http" else Socket)(scope)
        try:
            await self.app({**scope, NOTES: line.notes}, line.received(receive), line.sent(send))
        finally:
            line.write()
        return None


class AccessLogMiddleware:
    """Django middleware: notes the route, and the user, however it was found out."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        notes = getattr(request, "scope", {}).get(NOTES, {})
        known = context.current()
        # Only where somebody asked: it is not for the log to query the database.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.pk is not None:
            notes["user_id"] = user.pk
        notes.update({name: known[name] for name in NOTED if name in known})
        notes["route"] = (request.resolver_match.route or "/") if request.resolver_match else ""
        return response
