"""Validation of names that other users see."""

import unicodedata

VISIBLE = ("L", "N", "P", "S")  # letters, numbers, punctuation, symbols
CONTROL = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
BIDI_CONTROLS = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
)


def name_error(name: str) -> str | None:
    """An error message, or None for a valid name."""
    if any(unicodedata.category(character) in CONTROL for character in name):
        return "can't contain control characters or line breaks"
    if BIDI_CONTROLS & set(name):
        return "can't contain text-direction characters"
    if not any(unicodedata.category(character)[0] in VISIBLE for character in name):
        return "can't be blank"
    return None
