"""Hides secrets in log values, bounds their size, and converts them to JSON's own types."""

import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

MAX_TEXT = 4096
MAX_NAME = 100
MAX_ITEMS = 50  # of a list or mapping; fewer the deeper it is, as nested ones multiply
MAX_DEPTH = 3
MAX_VALUE = 64 * 1024  # characters of all strings in a list or mapping
MIN_SECRET = 12
HIDDEN = "***"

_WORDS = r"passw(?:or)?d|passphrase|secret|token|api[_-]?key|authorization|cookie|csrf|sessionid"
_SECRET_NAME = re.compile(rf"{_WORDS}|^card|cvc$", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|DSN")
# A shorter secret is hidden where it has a digit and a letter, and stands alone.
_SHORT_SECRET = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{6,11}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TOKEN = re.compile(r"(?=[\w~-]{0,255}\d)[\w~-]{16,}")
# The characters of which a string needs one, the pattern, and its group that is kept.
_PATTERNS = (
    ("@", r"(?<=://)([^\s/:@]{0,64}:)[^\s/@]{1,256}(?=@)"),
    ("=:", rf"((?:{_WORDS})[\w-]{{0,32}}[\"']?\s{{0,4}}[:=]\s{{0,4}})"
           r"(?:\"[^\"]*\"|'[^']*'|(?:bearer|basic)\s+\S+|[^\s,;&)}\]]+)"),
    (" ", r"(\bbearer\s+)[\w.~+/=-]{8,}"),
    (":", r"(DETAIL:\s*(?:Failing row contains|Key) )[^\n]*"),  # Postgres quotes the row
)  # fmt: skip
_SECRETS = [(hints, re.compile(pattern, re.IGNORECASE)) for hints, pattern in _PATTERNS]


def plain(value: Any) -> Any:
    """The value in JSON's own types, shortened, with secrets hidden. Never raises."""
    return _Plain().value(value, 0)


class _Plain:
    """Converts one value with its members, up to MAX_VALUE characters: nested ones multiply."""

    def __init__(self) -> None:
        self._left = MAX_VALUE

    def value(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and value.bit_length() < 64:
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, Mapping | list | tuple | set | frozenset):
            with suppress(Exception):  # its own methods may raise anything
                return self._members(value, depth)
        return self._text(value, MAX_TEXT)

    def _members(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return f"{len(value)} items"
        size = MAX_ITEMS // depth**2 if depth else len(value)
        rest = f"{len(value) - size} more" if len(value) > size else ""
        if isinstance(value, Mapping):
            pairs = [self._pair(*item, depth) for item in islice(value.items(), size)]
            return dict(pairs) | ({"…": rest} if rest else {})
        items = [self.value(item, depth + 1) for item in islice(value, size)]
        return [*items, f"… {rest}"] if rest else items

    def _pair(self, key: Any, value: Any, depth: int) -> tuple[str, Any]:
        name = self._text(key, MAX_NAME)
        is_secret = _SECRET_NAME.search(name) and not (type(value) is int and name.endswith("_id"))
        return name, HIDDEN if is_secret else self.value(value, depth + 1)

    def _text(self, value: Any, limit: int) -> str:
        string = text(value, limit) if self._left > 0 else "…"
        self._left -= len(string)
        return string


def text(value: Any, limit: int = MAX_TEXT) -> str:
    """`str(value)` without secrets, in about `limit` characters: the first and the last."""
    string = _SURROGATE.sub("\ufffd", value if type(value) is str else _string(value))
    # Redacted before it is cut, so that no half of a secret is left.
    return shortened(_without_secrets(shortened(string, 4 * limit)), limit)


def shortened(string: str, limit: int) -> str:
    if len(string) <= limit:
        return string
    half = limit // 2
    return f"{string[:half]} [… {len(string) - 2 * half} characters cut …] {string[-half:]}"


def without_tokens(string: str) -> str:
    """For a path or an origin: hides each word of 16 characters or more that has a digit."""
    return _TOKEN.sub(HIDDEN, string)


def _without_secrets(string: str) -> str:
    string = secrets().sub(HIDDEN, string)
    for characters, pattern in _SECRETS:
        if any(character in string for character in characters):
            string = pattern.sub(rf"\1{HIDDEN}", string)
    return string


@cache
def secrets() -> re.Pattern[str]:
    """The values of environment variables that name a secret."""
    named = {value for name, value in os.environ.items() if _SECRET_VARIABLE.search(name)}
    values = sorted(named, key=len, reverse=True)  # one may begin with another
    patterns = [re.escape(value) for value in values if len(value) >= MIN_SECRET]
    patterns += [rf"(?<!\w){re.escape(v)}(?!\w)" for v in values if _SHORT_SECRET.fullmatch(v)]
    return re.compile("|".join(patterns) or "(?!)", re.IGNORECASE)


def _string(value: Any) -> str:
    try:
        if isinstance(value, date):
            return value.isoformat()
        return value.decode("utf-8", "backslashreplace") if type(value) is bytes else str(value)
    except Exception as error:
        return f"<{type(value).__name__}: str() raised {type(error).__name__}>"
