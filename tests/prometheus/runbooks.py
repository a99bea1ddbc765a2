"""The runbooks and the commands and queries in them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.programs import ROOT

FOLDER = ROOT / "docs" / "runbooks"
FLAGS = re.DOTALL | re.MULTILINE
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", FLAGS)
INLINE = re.compile(r"`([^`]+)`")
SUBSTITUTED = re.compile(r"\$\((.*?)\)")
PROGRAMS = {"amtool", "curl", "docker", "jq", "make", "openssl", "promtool"}
END_OF_COMMAND = {"|", ">", "<", "2>/dev/null", "</dev/null"}


def runbooks() -> list[Path]:
    return sorted(path for path in FOLDER.glob("*.md") if path.stem != "README")


def pages() -> list[Path]:
    return sorted(FOLDER.glob("*.md"))


def fences(path: Path, language: str) -> list[str]:
    return [text for tag, text in FENCE.findall(path.read_text()) if tag == language]


def queries(path: Path) -> list[str]:
    """The PromQL queries, one per line."""
    return [
        line
        for block in fences(path, "promql")
        for line in block.splitlines()
        if line and not line.startswith("#")
    ]


def commands(path: Path) -> Iterator[list[str]]:
    """The words of each command, also of those in a pipeline. A program name alone is not one."""
    shell = [line for block in fences(path, "sh") for line in _lines(block)]
    inline = [" ".join(code.split()) for code in INLINE.findall(FENCE.sub("", path.read_text()))]
    for line in [*shell, *inline]:
        if line.split(" ", maxsplit=1)[0] in PROGRAMS - {line} and line != "docker compose":
            yield from _split(shlex.split(SUBSTITUTED.sub(r"| \1", line), comments=True))


def commands_of(path: Path, *program: str) -> list[list[str]]:
    """The arguments of each call of the program."""
    return [
        words[len(program) :] for words in commands(path) if words[: len(program)] == [*program]
    ]


def section(path: Path, title: str) -> str:
    [text] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", path.read_text(), FLAGS)
    return str(text)


def _lines(block: str) -> list[str]:
    return block.replace("\\\n", " ").splitlines()


def _split(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if word in END_OF_COMMAND:
            yield command
            command = []
        else:
            command.append(word)
    yield command
