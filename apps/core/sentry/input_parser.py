"""Every text in what a client sent, as a view may get to see it, with the name it came under."""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

Pair = tuple[str, str]  # the name is "" where there is none

_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
# A part of multipart/form-data. Long values are found without their name.
_PART = re.compile(r'name="([^"\r\n]*)"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]{1,7})\r\n--')


def in_headers(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[Pair]:
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin1"), raw_value.decode("latin1")
        yield "", name
        yield name, value
        yield from in_text(value)
        scheme, _, credentials = value.partition(" ")
        yield name, credentials
        if scheme.lower() == "basic":
            yield from _basic(credentials)
        if name == "cookie":
            yield from in_members(dict(one.strip().partition("=")[::2] for one in value.split(";")))


def in_body(body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[Pair]:
    """In each encoding in which the body can be read: a view may not go by what the header says."""
    types = [value.decode("latin1") for name, value in headers if name == b"content-type"]
    charsets = {found for one in types for found in _CHARSET.findall(one)}
    for text in _decoded(body, charsets):
        yield from in_text(text)
        yield from _PART.findall(text)
        with suppress(ValueError, RecursionError):
            yield from in_members(json.loads(text))


def in_text(text: str) -> Iterator[Pair]:
    yield "", text
    yield "", unquote_plus(text)
    if "=" in text:
        for name, value in parse_qsl(text):
            yield "", name
            yield name, value


def in_members(value: Any) -> Iterator[Pair]:
    """Its strings, numbers and keys, without JSON's escapes; what is below a name came under it."""
    left = [("", value)]
    while left:
        name, one = left.pop()
        match one:
            case str():
                yield name, one
            case int() | float():
                yield name, str(one)
            case dict():
                yield from (("", str(key)) for key in one)
                left += [(str(key), member) for key, member in one.items()]
            case list() | tuple():
                left += [(name, item) for item in one]


def _basic(credentials: str) -> Iterator[Pair]:
    with suppress(ValueError):
        user, _, password = b64decode(credentials).decode(errors="replace").partition(":")
        yield "", user
        yield "password", password


def _decoded(body: bytes, charsets: set[str]) -> set[str]:
    """`json.loads` and Django both take more than UTF-8; what has zeros is likely UTF-16."""
    names = {"utf-8", json.detect_encoding(body), *charsets}
    if b"\0" in body:
        names |= {"utf-16-le", "utf-16-be"}
    texts = set()
    for name in names:
        with suppress(LookupError, ValueError):
            texts.add(body.decode(name))
    return texts | {body.decode(errors="replace"), body.decode("latin1")}
