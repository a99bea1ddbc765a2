"""What a line may hold: nothing secret, nothing endless, nothing that JSON cannot say."""

import math
import os
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from itertools import islice
from typing import Any

MAX_TEXT = 4096
MAX_NAME = 100
MAX_ITEMS = 50
MAX_DEPTH = 4
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
_SHORTEST_SECRET = 12  # a shorter one is also a word


def plain(value: Any, depth: int = 0) -> Any:
    """The value in JSON's own types, shortened, with secrets hidden. Never raises."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset) and depth < MAX_DEPTH:
        return _members(value, depth + 1)
    return text(value)


def named(fields: Iterable[tuple[Any, Any]], depth: int = 0) -> dict[str, Any]:
    """As `plain`; what has the name of a secret is hidden whatever it is."""
    found = {}
    for key, value in fields:
        is_short = type(key) is str and len(key) <= MAX_NAME
        name, is_secret = _name(key if is_short else text(key, MAX_NAME))
        found[name] = HIDDEN if is_secret else plain(value, depth)
    return found


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


def _members(value: Any, depth: int) -> Any:
    try:
        rest = len(value) - MAX_ITEMS
        if isinstance(value, Mapping):
            found = named(islice(value.items(), MAX_ITEMS), depth)
            return found | {"…": f"{rest} more"} if rest > 0 else found
        items = [plain(item, depth) for item in islice(value, MAX_ITEMS)]
        return [*items, f"… {rest} more"] if rest > 0 else items
    except Exception:
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
    for secret in secrets():
        if secret in told:
            told = told.replace(secret, HIDDEN)
    if "@" in told:
        told = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", told)
    if "=" in told or ":" in told:
        told = _ASSIGNED.sub(rf"\1{HIDDEN}", told)
    if " " in told:
        told = _BEARER.sub(rf"\1 {HIDDEN}", told)
    if "DETAIL:" in told:
        told = _ROW.sub(rf"\1{HIDDEN}", told)
    return told


@lru_cache(1024)
def _name(key: str) -> tuple[str, bool]:
    """As it is told, and whether it is a secret's."""
    name = text(key, MAX_NAME)
    return name, bool(_SECRET_NAME.search(name))


@cache
def secrets() -> tuple[str, ...]:
    """The values of this process's own secrets."""
    return tuple(
        value
        for name, value in os.environ.items()
        if _NAMES_A_SECRET.search(name) and len(value) >= _SHORTEST_SECRET
    )
