"""What the client sent with the work at hand: kept for its length, so that it can be kept out of
what Sentry is told."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote_plus

from apps.core.types import Message, Receive, Scope

MAX_KEPT_BYTES = 16 * 1024
MAX_VALUES = 500
FILTERED = "[Filtered]"
# Of 8 characters and more: a password's least length, and long enough not to hit a word of ours.
_WORD = re.compile(r"[^\s\"'&=;,{}\[\]<>()]{8,}")
_PHRASE = re.compile(r"[^\"'&=;{}\[\]<>\r\n]{8,}")


class Given:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.request: Any = None  # Django's, once there is one
        self._body = b""

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode("latin1"): v.decode("latin1") for k, v in self.scope["headers"]}

    def hear(self, text: str | bytes | None) -> None:
        """A socket's message replaces the one before it; see `heard` for a request's body."""
        self._body = (text.encode() if isinstance(text, str) else text or b"")[:MAX_KEPT_BYTES]

    def heard(self, receive: Receive) -> Receive:
        """The same `receive`; what comes through it is kept, up to a bound."""

        async def heard() -> Message:
            message: Message = await receive()
            room = MAX_KEPT_BYTES - len(self._body)
            self._body += message.get("body", b"")[:room]
            return message

        return heard

    def redacted(self, value: Any) -> Any:
        """The value without any text that came from the client, however deep."""
        found = self._values()
        return _without(value, found) if found else value

    def _values(self) -> list[str]:
        """The longest first, so that no part of one is left."""
        sent = [
            self.scope.get("query_string", b"").decode("latin1"),
            self.scope.get("path", ""),
            *self.headers.values(),
            self._body.decode(errors="replace"),
        ]
        texts = {text for one in sent for text in (one, unquote_plus(one))}
        found = {match for text in texts for match in _WORD.findall(text) + _PHRASE.findall(text)}
        return sorted(found, key=len, reverse=True)[:MAX_VALUES]


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


def _without(value: Any, found: list[str]) -> Any:
    match value:
        case str():
            for text in found:
                value = value.replace(text, FILTERED)
        case dict():
            return {key: _without(one, found) for key, one in value.items()}
        case list() | tuple():
            return [_without(one, found) for one in value]
    return value
