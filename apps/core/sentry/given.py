"""What the client sent with the work at hand: kept for its length, so that it can be kept out of
what Sentry is told."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from apps.core.types import Message, Receive, Scope

MAX_KEPT_BYTES = 16 * 1024
MAX_VALUES = 500
FILTERED = "[Filtered]"
SHORTEST = 8  # a password's least length, and long enough not to hit a word of ours
_WORD = re.compile(rf"[^\s\"'&=;,{{}}\[\]<>()]{{{SHORTEST},}}")
_PHRASE = re.compile(rf"[^\"'&=;{{}}\[\]<>\r\n]{{{SHORTEST},}}")


class Given:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.request: Any = None  # Django's, once there is one
        self._body = b""
        self._all_kept = True

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode("latin1"): v.decode("latin1") for k, v in self.scope["headers"]}

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

    def redacted(self, value: Any, *, also: Iterable[str] = ()) -> Any:
        """The value without the texts that came from the client, from SHORTEST characters on,
        however deep. Where these are more than can be looked for, without any text."""
        if not self._all_kept:
            return without_texts(value)
        body = self._body.decode(errors="replace")
        raw = [
            self.scope.get("method", ""),
            self.scope.get("path", ""),
            self.scope.get("query_string", b"").decode("latin1"),
            *(one.decode("latin1") for pair in self.scope["headers"] for one in pair),
            body,
        ]
        return without(value, [*raw, *_decoded(raw), *_of_json(body), *also])

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


def without(value: Any, texts: Iterable[str]) -> Any:
    """The value without these texts and their words; the longest first, so that no part of one is
    left."""
    texts = set(texts)
    words = {match for text in texts for match in _WORD.findall(text) + _PHRASE.findall(text)}
    found = sorted(words | {one for one in texts if len(one) >= SHORTEST}, key=len, reverse=True)
    if len(found) > MAX_VALUES:
        return without_texts(value)
    return each_text(value, partial(_cut, found=found))


def without_texts(value: Any) -> Any:
    return each_text(value, lambda _: FILTERED)


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed, however deep."""
    match value:
        case str():
            return change(value)
        case dict():
            return {key: each_text(one, change) for key, one in value.items()}
        case list() | tuple():
            return [each_text(one, change) for one in value]
    return value


def _cut(told: str, *, found: list[str]) -> str:
    for text in found:
        told = told.replace(text, FILTERED)
    return told


def _decoded(raw: list[str]) -> Iterator[str]:
    """As a view gets to see them."""
    for text in raw:
        yield unquote_plus(text)
        if "=" in text:
            yield from (value for _, value in parse_qsl(text))
        if text[:6].lower() == "basic ":
            with suppress(ValueError):
                yield from b64decode(text[6:]).decode(errors="replace").split(":", 1)


def _of_json(body: str) -> Iterator[str]:
    """Its strings without JSON's escapes."""
    try:
        left = [json.loads(body)]
    except (ValueError, RecursionError):
        return
    while left:
        match left.pop():
            case str() as text:
                yield text
            case int() | float() as number:
                yield str(number)
            case dict() as members:
                left += [*members.keys(), *members.values()]
            case list() as items:
                left += items
