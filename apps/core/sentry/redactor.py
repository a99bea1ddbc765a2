"""Takes what came from outside out of what Sentry is to be told.

A text of LONG characters or more is taken out wherever it stands, in capitals or not. A shorter one
may as well be a word of ours. It is taken out where it came under a secret's name (a password, a
token, a card's code), as a word by itself, with a digit or a sign in it, and from SHORT characters
on: a client who sends the password "error" must not blank out what an event says, and whoever
guesses two characters has no need of the event.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from apps.core.logging import redaction
from apps.core.sentry.input_parser import Pair

FILTERED = "[Filtered]"
LONG = 8  # a password's least length
SHORT = 3  # a card's code
MAX_VALUES = 500
Change = Callable[[str], str]

_WORD = re.compile(rf"[^\s\"'&=;,{{}}\[\]<>()]{{{LONG},}}")
_PHRASE = re.compile(rf"[^\"'&=;{{}}\[\]<>\r\n]{{{LONG},}}")
# Clients send the names of our fields too, and an event without them could not be read.
_FIELD = re.compile(r"[A-Za-z_]{1,40}")


def without(pairs: Iterable[Pair]) -> Change:
    """Cuts these texts and their words out of a text; the longest first, so that no part of one is
    left. Where they are more than can be looked for, nothing is left."""
    pairs = set(pairs)
    texts = {text for _, text in pairs}
    words = {match for text in texts for match in _WORD.findall(text) + _PHRASE.findall(text)}
    found = sorted(words | {one for one in texts if len(one) >= LONG}, key=len, reverse=True)
    if len(found) > MAX_VALUES:
        return anything
    folded = [(one.casefold(), re.escape(one)) for one in found]
    folded += [(one.casefold(), rf"(?<!\w){re.escape(one)}(?!\w)") for one in _short(pairs)]

    def cut(told: str) -> str:
        wanted = told.casefold()
        patterns = [pattern for one, pattern in folded if one in wanted]
        return re.sub("|".join(patterns), FILTERED, told, flags=re.IGNORECASE) if patterns else told

    return cut


def anything(_: str) -> str:
    return FILTERED


def each_text(value: Any, change: Change) -> Any:
    """The value with every text, number and key in it changed, however deep."""
    match value:
        case str():
            return change(value)
        case dict():
            return {_key(str(key), change): each_text(one, change) for key, one in value.items()}
        case list() | tuple():
            return [each_text(one, change) for one in value]
        case int() | float() if not isinstance(value, bool):
            told = str(value)
            return value if (changed := change(told)) == told else changed
    return value


def _key(key: str, change: Change) -> str:
    return key if _FIELD.fullmatch(key) else change(key)


def _short(pairs: set[Pair]) -> set[str]:
    return {
        text
        for name, text in pairs
        if SHORT <= len(text) < LONG and not text.isalpha() and redaction.names_a_secret(name)
    }
