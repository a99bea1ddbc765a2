"""Follows a page of `docs/patterns` as a reader does, in a folder of its own.

A block whose first line is a comment with a path is that file: `# mysite/urls.py`, or its end:
`# mysite/urls.py, at its end`. A `console` block is typed line by line, and the lines that follow a
command have to be said in that order, with or without others between, by it or by what was left
running with `&`; `...` stands for anything. The page's ports are exchanged for free ones. Of ours
there is only what the page copies; of packages there are the tests' own.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stack.ports import free_port

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "patterns"
PORTS = ("6379", "8000", "9808")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# ([\w./-]+\.\w+)(, at its end)?$")
SECONDS = 60.0
THE_READERS_TOO = ("HOME", "LANG", "TMPDIR")  # the rest of the environment is the tests'


class Block(NamedTuple):
    language: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall((PAGES / f"{page}.md").read_text())]


def pages() -> list[str]:
    return sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README")


class Reader:
    """Use as a context manager: what was left running is stopped at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {port: str(free_port()) for port in PORTS}
        self._running: list[subprocess.Popen[bytes]] = []
        self._log = folder.parent / f"{folder.name}.log"
        self._log.touch()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        running = [process for process in self._running if process.poll() is None]
        for process in reversed(running):
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def follow(self, page: str) -> None:
        for block in blocks(page):
            text = self._with_our_ports(block.text)
            if block.language == "console":
                for command, said in commands(text):
                    self._type(command, said)
            elif found := FILE.match(text.partition("\n")[0]):
                self._write(self.folder / found[1], text, at_its_end=bool(found[2]))
            else:
                raise AssertionError(f"{page}: neither a file nor typed:\n{text}")

    def _write(self, path: Path, text: str, *, at_its_end: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if at_its_end else "w") as file:
            file.write(text)

    def _type(self, command: str, said: list[str]) -> None:
        """A command that is not left running has to end, and well."""
        before = self._log.stat().st_size
        stays = command.endswith("&")
        with self._log.open("ab") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command[:-1]}" if stays else command],
                cwd=self.folder, env=self._environment(), stdout=output, stderr=output,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        deadline = time.monotonic() + SECONDS
        while not (says(self._since(before), said) and (stays or process.poll() == 0)):
            assert not process.poll(), f"$ {command}\nfailed:\n{self._since(before)}"
            assert time.monotonic() < deadline, (
                f"$ {command}\nsaid:\n{self._since(before)}\nand not, in time:\n" + "\n".join(said)
            )
            time.sleep(0.05)

    def _since(self, place: int) -> str:
        return self._log.read_bytes()[place:].decode(errors="replace")

    def _with_our_ports(self, text: str) -> str:
        for port, ours in self._ports.items():
            text = re.sub(rf"\b{port}\b", ours, text)
        return text

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in THE_READERS_TOO if name in os.environ}
        path = f"{sys.prefix}/bin:{os.environ['PATH']}"
        # So that pip finds all that it is asked for here, or says what is missing.
        pip = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        return {**kept, **pip, "PATH": path, "DELTACROWN": str(ROOT)}


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines it is shown to say."""
    for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *said = typed.replace("\\\n", "").splitlines()
        yield command.strip(), [line for line in said if line.strip()]


def says(output: str, lines: list[str]) -> bool:
    """Whether the output holds these lines, in this order, with or without others between them."""
    found = iter(output.splitlines())
    patterns = [re.escape(line.strip()).replace(r"\.\.\.", ".*") for line in lines]
    return all(any(re.fullmatch(pattern, line.strip()) for line in found) for pattern in patterns)
