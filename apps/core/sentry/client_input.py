"""What the client sent with the work at hand: kept for its length, so that it can be kept out of
what Sentry is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from apps.core.sentry import input_parser, redactor
from apps.core.types import Message, Receive, Scope

MAX_KEPT_BYTES = 16 * 1024


class Given:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.request: Any = None  # Django's, once there is one
        self._body = b""
        self._all_kept = True

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode("latin1"): v.decode("latin1") for k, v in self.scope["headers"]}

    @property
    def url_arguments(self) -> dict[str, Any]:
        match = getattr(self.request, "resolver_match", None)
        return dict(match.kwargs) if match else {}

    def hear(self, text: str | bytes | None) -> None:
        """A socket's message replaces the one before it; see `heard` for a request's body."""
        self._body, self._all_kept = b"", True
        self._keep(text.encode() if isinstance(text, str) else text or b"")

    def heard(self, receive: Receive) -> Receive:
        """The same `receive`; what comes through it is kept, up to a bound."""

        async def heard() -> Message:
            message: Message = await receive()
            self._keep(message.get("body", b""))
            return message

        return heard

    def taken_out(self) -> redactor.Change:
        """Cuts the texts that came from the client. Where these are more than can be looked for,
        it leaves nothing."""
        return redactor.without(self._sent()) if self._all_kept else redactor.anything

    def _sent(self) -> Iterator[input_parser.Pair]:
        scope = self.scope
        yield "", scope.get("method", "")
        yield from input_parser.in_text(scope.get("path", ""))
        yield from input_parser.in_text(scope.get("query_string", b"").decode("latin1"))
        yield from input_parser.in_headers(scope["headers"])
        yield from input_parser.in_body(self._body, scope["headers"])
        texts = {name: one for name, one in self.url_arguments.items() if isinstance(one, str)}
        yield from input_parser.in_members(texts)

    def _keep(self, data: bytes) -> None:
        room = MAX_KEPT_BYTES - len(self._body)
        self._all_kept = self._all_kept and len(data) <= room
        self._body += data[:room]


_given: ContextVar[Given | None] = ContextVar("given", default=None)


def current() -> Given | None:
    return _given.get()


@contextmanager
def by_client(scope: Scope) -> Iterator[Given]:
    given = Given(scope)
    token = _given.set(given)
    try:
        yield given
    finally:
        _given.reset(token)
