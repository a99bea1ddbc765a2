"""Django's ASGI handler with one hop: the whole synchronous chain in one job of a worker thread.

`get_asgi_application()` hops between threads for every middleware and starts a thread for every
request, and with it a database connection. `benchmarks/` has the figures for both.
"""

from os import SEEK_END
from typing import Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse
from django.urls import set_script_prefix

from apps.core import thread_pool
from apps.core.http import responses
from apps.core.http.request_metrics import count_refused
from apps.core.metrics import web_requests_refused
from apps.core.types import Message, Receive, Scope, Send


class OneHopHandler(ASGIHandler):
    """Views are synchronous. A view goes on to its end when its client goes away; a streaming
    response is stopped then, at the next chunk."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            response = await thread_pool.run(self.respond, scope, body)
        except thread_pool.Overloaded:
            body.close()
            web_requests_refused.inc()
            count_refused(scope, 503)
            await responses.send_error(
                send, 503, "overloaded", "Too many requests at once.", responses.RETRY_AFTER
            )
            return
        if response.streaming:
            await self._stream(response, send)
        else:
            await self.send_response(response, send)

    def respond(self, scope: Scope, body: Any) -> Any:
        """Everything that Django does for a request, from one signal to the other. A response that
        is all there is closed here too; its content stays."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(_with_length(scope, body), body)
        response: Any = refused if request is None else self.get_response(request)
        response._handler_class = self.__class__
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
            body.close()
        return response

    async def _stream(self, response: Any, send: Send) -> None:
        """Chunk by chunk, each made in a worker thread."""
        start, chunks = _start_of(response), iter(response)
        try:
            await send(start)
            while (chunk := await thread_pool.run(next, chunks, None)) is not None:
                await send({"type": "http.response.body", "body": bytes(chunk), "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await thread_pool.run(response.close)


def _with_length(scope: Scope, body: Any) -> Scope:
    """A body sent in chunks has no length of its own: Django would take its form for empty, and the
    metric of sizes for 0."""
    if any(name == b"content-length" for name, _ in scope["headers"]):
        return scope
    size = body.seek(0, SEEK_END)
    body.seek(0)
    if not size:
        return scope
    return {**scope, "headers": [*scope["headers"], (b"content-length", b"%d" % size)]}


def _start_of(response: Any) -> Message:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [(b"Set-Cookie", c.OutputString().encode("ascii")) for c in response.cookies.values()]
    return {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": headers + cookies,
        "trailers": False,
    }
