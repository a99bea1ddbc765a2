"""What a line may hold: nothing secret, nothing endless, nothing that JSON cannot say."""

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import islice
from typing import Any

MAX_TEXT = 4096
MAX_NAME = 100
MAX_ITEMS = 50
MAX_DEPTH = 4
MAX_TOLD = 64 * 1024  # characters, of all lists and mappings of a line
MEMBER = 20  # of them for each member besides its text and name: as long as a number can be
HIDDEN = "***"

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_HIDE = r"passw(?:or)?d|passphrase|secret|token|api[_-]?key|authorization|cookie|csrf|sessionid"
_SECRET_NAME = re.compile(rf"{_HIDE}|^card|cvc$", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"((?:{_HIDE})[\w-]{{0,32}}[\"']?\s{{0,4}}[:=]\s{{0,4}})"
    r"(\"[^\"]*\"|'[^']*'|(?:bearer|basic)\s+\S+|[^\s,;&)}\]]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
# Postgres tells the row that it refuses, whatever is in it.
_ROW = re.compile(r"(DETAIL:\s*(?:Failing row contains|Key) )[^\n]*")
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@]{0,64}):[^\s/@]{1,256}@")

# A word that is as long and has a digit is none of a URL of ours.
_TOKEN = re.compile(r"(?=[\w~-]{0,255}\d)[\w~-]{16,}")

_NAMES_A_SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|DSN")
_LONG_SECRET = 12  # a shorter one may be a word or a number of ours (postgres, 3600)...
_SHORT_SECRET = 6  # ...unless it has letters and digits, and stands by itself


@dataclass(slots=True)
class _Room:
    """How many more characters a line's lists and mappings may tell: lists in lists multiply."""

    left: int = MAX_TOLD

    def first(self, members: Iterable[Any], depth: int) -> Iterator[Any]:
        for member in islice(members, MAX_ITEMS if depth <= MAX_DEPTH else 0):
            if self.left <= 0:
                return
            self.left -= MEMBER
            yield member


def named(fields: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """The values in JSON's own types, shortened, with secrets hidden; what has the name of a secret
    is hidden whatever it is. Never raises."""
    return _named(fields, 0, _Room())


def _named(fields: Iterable[tuple[Any, Any]], depth: int, room: _Room) -> dict[str, Any]:
    found = {}
    for key, value in fields:
        is_short = type(key) is str and len(key) <= MAX_NAME
        name, is_secret = _name(key if is_short else text(key, MAX_NAME))
        room.left -= len(name)
        is_hidden = is_secret and not _is_id(name, value)
        found[name] = HIDDEN if is_hidden else _plain(value, depth, room)
    return found


def _is_id(name: str, value: Any) -> bool:
    """The number of a token's row, say, is not the token."""
    return type(value) is int and name.endswith("_id")


def _plain(value: Any, depth: int, room: _Room) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        told = _number(value)
    elif isinstance(value, Mapping | list | tuple | set | frozenset):
        return _members(value, depth + 1, room)
    else:
        told = text(value)
    if isinstance(told, str):
        room.left -= len(told)
    return told


def text(value: Any, limit: int = MAX_TEXT) -> str:
    """Told in at most about `limit` characters, of which the first and the last are kept."""
    told = value if type(value) is str else _told(value)
    if not told.isascii():
        told = _SURROGATE.sub("\ufffd", told)
    # Hidden before it is cut, so that no half of a secret is left.
    return shortened(without_secrets(shortened(told, 4 * limit)), limit)


def shortened(told: str, limit: int) -> str:
    if len(told) <= limit:
        return told
    half = limit // 2
    return f"{told[:half]} [… {len(told) - 2 * half} characters cut …] {told[-half:]}"


def without_tokens(told: str) -> str:
    """For a path or an origin, in which a client may have put a secret that has no name."""
    return _TOKEN.sub(HIDDEN, told)


def _number(value: float) -> Any:
    """JSON has neither infinity nor NaN, and its readers nothing above 64 bits."""
    if isinstance(value, int):
        return int(value) if value.bit_length() < 64 else text(value)
    return float(value) if math.isfinite(value) else str(float(value))


def _members(value: Any, depth: int, room: _Room) -> Any:
    try:
        if isinstance(value, Mapping):
            found = _named(room.first(value.items(), depth), depth, room)
            rest = len(value) - len(found)
            return found | {"…": f"{rest} more"} if rest else found
        items = [_plain(item, depth, room) for item in room.first(value, depth)]
        rest = len(value) - len(items)
        return [*items, f"… {rest} more"] if rest else items
    except Exception:  # its own methods may raise anything
        return text(value)


def _told(value: Any) -> str:
    try:
        if isinstance(value, date):
            return value.isoformat()
        return value.decode("utf-8", "backslashreplace") if type(value) is bytes else str(value)
    except Exception as fault:
        return f"<{type(value).__name__}: {type(fault).__name__} when told>"


def without_secrets(told: str) -> str:
    """Most texts are a word; what they are searched for depends on what they have."""
    folded = told.casefold()
    for secret, pattern in secrets():
        if secret in folded:
            told = pattern.sub(HIDDEN, told)
    if "@" in told:
        told = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", told)
    if "=" in told or ":" in told:
        told = _ASSIGNED.sub(rf"\1{HIDDEN}", told)
    if " " in told:
        told = _BEARER.sub(rf"\1 {HIDDEN}", told)
    if "DETAIL:" in told:
        told = _ROW.sub(rf"\1{HIDDEN}", told)
    return told


def names_a_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name[:MAX_NAME]))


@lru_cache(1024)
def _name(key: str) -> tuple[str, bool]:
    """As it is told, and whether it is a secret's."""
    name = text(key, MAX_NAME)
    return name, bool(_SECRET_NAME.search(name))


@cache
def secrets() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The values of this process's own secrets, each in lower case, with what finds it in any."""
    values = {value for name, value in os.environ.items() if _NAMES_A_SECRET.search(name)}
    return tuple(
        (one.casefold(), re.compile(_pattern(one), re.IGNORECASE))
        for one in values
        if len(one) >= _LONG_SECRET or _is_mixed(one)
    )


def _pattern(secret: str) -> str:
    found = re.escape(secret)
    return found if len(secret) >= _LONG_SECRET else rf"(?<!\w){found}(?!\w)"


def _is_mixed(value: str) -> bool:
    has_digit, has_letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    return len(value) >= _SHORT_SECRET and has_digit and has_letter
