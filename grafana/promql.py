"""The metrics and labels that a PromQL expression reads, from a subset of its grammar."""

import re
from collections.abc import Iterator
from typing import NamedTuple

GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = GROUPING | {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan", "start", "end"}
AFTER_FUNCTIONS = {"(", "by", "without"}
TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"|(?P<comment>#[^\n]*)"
    r"|(?P<range>\[[^\]]*\])"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<name>[a-zA-Z_:][\w:]*)"
    r"|(?P<sign>[^\s\w])"
)
VARIABLE = re.compile(r"\$([a-z_]\w*)")  # not $1 of label_replace
VALUES = {"__rate_interval": "1m", "__interval": "15s", "__range": "30m"}


class Selector(NamedTuple):
    """A metric and the labels that its matchers name."""

    metric: str
    labels: frozenset[str]


def selectors(expression: str) -> list[Selector]:
    """All selectors with a metric name; a bare {...} has none."""
    result: list[Selector] = []
    tokens = list(_tokens(expression))
    index = 0
    while index < len(tokens):
        kind, text = tokens[index]
        following = tokens[index + 1][1] if index + 1 < len(tokens) else ""
        if text in GROUPING and following == "(":
            index = _closing(tokens, index + 1)
        elif kind == "name" and text.lower() not in WORDS and following not in AFTER_FUNCTIONS:
            end = _closing(tokens, index + 1) if following == "{" else index
            labels = frozenset(word for kind, word in tokens[index + 1 : end] if kind == "name")
            result.append(Selector(text, labels))
            index = end
        index += 1
    return result


def metrics(expression: str) -> set[str]:
    return {selector.metric for selector in selectors(expression)}


def with_all_selected(expression: str) -> str:
    """The query that Grafana sends with every variable set to All."""
    return VARIABLE.sub(lambda match: VALUES.get(match[1], ".*"), expression)


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    without_durations = re.sub(r"\boffset\s+-?\w+", "", expression)
    for match in TOKEN.finditer(without_durations):
        assert match.lastgroup
        if match.lastgroup not in ("comment", "range", "number"):
            yield match.lastgroup, match[0]


def _closing(tokens: list[tuple[str, str]], start: int) -> int:
    """The index of the bracket that closes the one at `start`."""
    opening, closing = tokens[start][1], {"(": ")", "{": "}"}[tokens[start][1]]
    depth = 0
    for index in range(start, len(tokens)):
        depth += {opening: 1, closing: -1}.get(tokens[index][1], 0)
        if depth == 0:
            return index
    raise ValueError("a bracket is not closed")
