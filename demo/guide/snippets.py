"""The parts of MONITORING.md that can be run."""

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
    kind: str
    line: int
    heading: str
    text: str

    def __str__(self) -> str:
        first = next(line for line in self.text.splitlines() if line.strip())
        return f"{GUIDE.name}:{self.line}  {first.strip()[:60]}"


def snippets() -> list[Snippet]:
    """The code blocks and the alert expressions, in the order of the guide."""
    guide = GUIDE.read_text()
    matches = [(match.start(), match[1], dedent(match[2])) for match in BLOCK.finditer(guide)]
    matches += [(match.start(), "promql", match[1]) for match in EXPRESSION.finditer(guide)]
    return [
        Snippet(kind, guide.count("\n", 0, start) + 1, _heading(guide, start), text)
        for start, kind, text in sorted(matches)
    ]


def _heading(guide: str, end: int) -> str:
    return [match[1] for match in HEADING.finditer(guide, 0, end)][-1]
