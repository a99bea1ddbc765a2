"""The claims of MONITORING.md, and the tests that execute them.

A claim is a list item, a line of text or a paragraph of a code block. A line that ends with a
colon is a title. A test names the claims that it executes:

    @guide("Health Check Endpoints", "Returns 200 OK if the application is running.", "$ curl …")
    def test_healthz_answers_200_while_the_process_runs() -> None: ...

The first argument is the chapter (a second-level heading). Each other argument is the beginning of
a claim without Markdown's stars and backquotes, or the beginning of a line of code.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from tests.programs import ROOT

GUIDE = ROOT / "docs" / "MONITORING.md"
TESTS = Path(__file__).parent
Test = TypeVar("Test", bound=Callable[..., Any])
_named: list[tuple[str, str, str]] = []


@dataclass(frozen=True)
class Claim:
    chapter: str
    section: str
    line: int
    text: str
    is_code: bool = False

    def __str__(self) -> str:
        return f"{GUIDE.name}:{self.line} {self.chapter}: {self.text.splitlines()[0]}"

    def begins_with(self, text: str) -> bool:
        lines = self.text.splitlines() if self.is_code else [self.text]
        return any(line.strip().startswith(text) for line in lines)


def guide(chapter: str, *claims: str) -> Callable[[Test], Test]:
    """Names the claims that a test executes."""

    def register(test: Test) -> Test:
        name = f"{test.__module__}.{test.__name__}"
        _named.extend((name, chapter, claim) for claim in claims)
        return test

    return register


def claims() -> list[Claim]:
    return list(_claims(GUIDE.read_text().splitlines()))


def named() -> list[tuple[str, str, str]]:
    """(test, chapter, beginning of a claim) for each claim that a test in this folder names."""
    for path in TESTS.rglob("test_*.py"):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return sorted(_named)


def _claims(lines: list[str]) -> Iterator[Claim]:
    chapter = section = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        if heading := re.match(r"(#+) (.+)", line):
            section = _plain(heading[2])
            chapter = section if heading[1] == "##" else chapter
        elif "```" in line:
            end = next(n for n in range(number + 1, len(lines)) if "```" in lines[n])
            for code in re.split(r"\n\s*\n", "\n".join(lines[number + 1 : end])):
                yield Claim(chapter, section, number + 1, code, is_code=True)
            number = end
        elif chapter and (text := _plain(line)) and not text.endswith((":", "---")):
            yield Claim(chapter, section, number + 1, text)
        number += 1


def _plain(markdown: str) -> str:
    """The text without stars, backquotes and list markers."""
    text = re.sub(r"\*\*|`", "", markdown).strip()
    return re.sub(r"^(- \[ \]|-|\d+\.) ", "", text)
