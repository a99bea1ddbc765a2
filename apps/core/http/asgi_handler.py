"""Django's ASGI handler with one thread hop: the whole synchronous chain runs as one job.

`get_asgi_application()` changes threads for every middleware and starts a thread for every request,
and with it a database connection. `benchmarks/` compares both.
"""

from collections.abc import AsyncIterator, Iterator
from os import SEEK_END
from typing import Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse
from django.urls import set_script_prefix

from apps.core import thread_pool
from apps.core.http import responses
from apps.core.http.request_metrics import count_rejected
from apps.core.metrics import web_requests_refused
from apps.core.types import Receive, Scope, Send


class OneHopHandler(ASGIHandler):
    """For synchronous views. When a client disconnects, its view still completes; a streaming
    response stops at the next chunk."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return None
        try:
            response = await thread_pool.web_threads().run(self.respond, scope, body)
        except thread_pool.Overloaded:
            body.close()
            web_requests_refused.inc()
            count_rejected(scope, 503)
            return await responses.overloaded(send, "Too many concurrent requests.")
        if not response.streaming:
            return await self.send_response(response, send)
        response.streaming_content = self._chunks(iter(response))
        try:
            return await self.send_response(response, send)
        finally:
            await thread_pool.web_threads().run(response.close)

    def respond(self, scope: Scope, body: Any) -> Any:
        """Handles a request, from Django's `request_started` on. Closes a response that does not
        stream: `request_finished` must run in this thread. Its content stays available."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, error = self.create_request(_with_length(scope, body), body)
        response: Any = error if request is None else self.get_response(request)
        response._handler_class = self.__class__
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
            body.close()
        return response

    async def _chunks(self, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
        while (chunk := await thread_pool.web_threads().run(next, chunks, None)) is not None:
            yield chunk


def _with_length(scope: Scope, body: Any) -> Scope:
    """A chunked body has no length: Django would ignore its form, and count its size as 0."""
    if any(name == b"content-length" for name, _ in scope["headers"]):
        return scope
    size = body.seek(0, SEEK_END)
    body.seek(0)
    if not size:
        return scope
    return {**scope, "headers": [*scope["headers"], (b"content-length", b"%d" % size)]}
