"""The claims of MONITORING.md, and the tests that execute them.

A claim is a list item, a line of text or a paragraph of a code block. A line that ends with a
colon is a title. A test names the claims that it executes:

    @guide("Health Check Endpoints", "Returns 200 OK if the application is running.", "$ curl …")
    def test_healthz_answers_200_while_the_process_runs() -> None: ...

The first argument is the chapter (a second-level heading). Each other argument is the beginning of
a claim without Markdown's stars and backquotes, or the beginning of a line of code. An argument is
a string literal or a constant of the module.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

GUIDE = Path(__file__).parents[2] / "docs" / "MONITORING.md"
TESTS = Path(__file__).parent
Test = TypeVar("Test", bound=Callable[..., object])


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
    """Names the claims that a test executes. `named` reads them from the source."""
    del chapter, claims
    return lambda test: test


def claims() -> list[Claim]:
    return list(_claims(GUIDE.read_text().splitlines()))


def named() -> Iterator[tuple[str, str, str]]:
    """(test, chapter, beginning of a claim) for each claim that a test in this folder names."""
    for path in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(path.read_text())
        constants = dict(_constants(module))
        for node in ast.walk(module):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "guide":
                    chapter, *texts = [_text(argument, constants) for argument in call.args]
                    yield from ((f"{path.name}:{node.name}", chapter, text) for text in texts)  # type: ignore[attr-defined]


def _constants(module: ast.Module) -> Iterator[tuple[str, str]]:
    """The name and value of each `NAME = "text"` at module level."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield ast.unparse(node.targets[0]), str(node.value.value)


def _text(argument: ast.expr, constants: dict[str, str]) -> str:
    return constants[argument.id] if isinstance(argument, ast.Name) else ast.literal_eval(argument)


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
