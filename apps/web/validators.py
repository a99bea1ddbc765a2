"""Names that people give: shown to others, in pages, logs and feeds."""

import unicodedata

SEEN = ("L", "N", "P", "S")  # letters, numbers, punctuation, symbols
REFUSED = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def name_error(name: str) -> str | None:
    """What is wrong with it: a name is on one line, can be seen, and turns no text around."""
    if any(unicodedata.category(character) in REFUSED for character in name):
        return "must be of characters that can be shown on one line"
    if TURNS_TEXT & set(name):
        return "must not change the direction of text"
    if not any(unicodedata.category(character)[0] in SEEN for character in name):
        return "must have something to see"
    return None
