"""What in MONITORING.md can be run."""

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

GUIDE = Path(__file__).parents[2] / "docs" / "MONITORING.md"
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,4} (.+)$", re.MULTILINE)
EXPRESSION = re.compile(r"Metric: `([^`]*\(.*)`")


@dataclass(frozen=True)
class Snippet:
    """A piece of code with where it stands."""

    kind: str
    line: int
    heading: str
    text: str

    def __str__(self) -> str:
        first = next(line for line in self.text.splitlines() if line.strip())
        return f"{GUIDE.name}:{self.line}  {first.strip()[:60]}"


def snippets() -> list[Snippet]:
    """In the order of the guide: its code blocks, and the expressions of its alerts."""
    guide = GUIDE.read_text()
    found = [(match.start(), match[1], dedent(match[2])) for match in BLOCK.finditer(guide)]
    found += [(match.start(), "promql", match[1]) for match in EXPRESSION.finditer(guide)]
    return [
        Snippet(kind, guide.count("\n", 0, at) + 1, _heading(guide, at), text)
        for at, kind, text in sorted(found)
    ]


def _heading(guide: str, at: int) -> str:
    return [match[1] for match in HEADING.finditer(guide, 0, at)][-1]
