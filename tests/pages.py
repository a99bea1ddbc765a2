"""Follows a page of `docs/patterns` as a reader does, in a new project of its own.

The project has the files that the page lists under **Copy**, and an environment with the packages
that it lists under **Install**. A block whose first line is a comment with a path is written to
that file: `# mysite/urls.py`, or appended: `# mysite/urls.py, at its end`. A `console` block is
typed line by line. The lines after a command must appear in its output, or in the output of a
command that was left running with `&`, in this order; `...` stands for anything. Free ports replace
those of the page.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stack.ports import free_port
from tests.pattern_environment import create_environment

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "patterns"
PORTS = ("6379", "8000", "9090", "9093", "9808")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# ([\w./-]+\.\w+)(, at its end)?$")
TIMEOUT_SECONDS = 180.0
INHERITED = ("HOME", "LANG", "TMPDIR")


class Block(NamedTuple):
    language: str
    text: str


class Page:
    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (PAGES / f"{name}.md").read_text()

    def __repr__(self) -> str:
        return self.name

    @property
    def blocks(self) -> list[Block]:
        return [Block(*found) for found in BLOCK.findall(self.text)]

    @property
    def copied(self) -> list[str]:
        """The paths of "**Copy** 3 files: `apps/core/conf.py`, `types.py` and `logging/`". A bare
        name is in the folder of the path before it. A folder stands for its files."""
        [(count, sentence)] = re.findall(
            r"\*\*Copy\*\* (\d+) files?:((?:\s+(?:and\s+)?`[\w./-]+`[,;.]?)+)", self.text
        )
        files: list[str] = []
        folder = Path()
        for name in re.findall(r"`([^`]+)`", sentence):
            path = name if "/" in name.rstrip("/") else str(folder / name)
            folder = Path(path).parent
            files += expand(path) if name.endswith("/") else [path]
        assert len(files) == int(count), f"{self.name} counts {count} files and names {len(files)}"
        return files

    @property
    def packages(self) -> list[str]:
        [words] = re.findall(r"\*\*Install\*\* `pip install([^`]*)`", self.text)
        return [word.strip("'\"") for word in words.replace("\\\n", " ").split()]


def expand(folder: str) -> list[str]:
    files = (file for file in (ROOT / folder).rglob("*") if file.is_file())
    return sorted(str(file.relative_to(ROOT)) for file in files if file.suffix != ".pyc")


def pages() -> list[str]:
    return sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README")


class Reader:
    """Use as a context manager: it stops the processes that were left running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self._executables = folder / "environment" / "bin"
        self._ports = {port: str(free_port()) for port in PORTS}
        self._running: list[subprocess.Popen[bytes]] = []
        self._log = folder / "output.log"
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

    def begin(self, page: Page) -> None:
        """Creates the environment and the project, with the files that the page lists."""
        create_environment(self._executables.parent, page.packages)
        self.folder.mkdir()
        for path in page.copied:
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, target)
        if "django" in page.packages:
            self._type("django-admin startproject mysite .", [])

    def follow(self, page: Page) -> None:
        for block in page.blocks:
            text = self._with_free_ports(block.text)
            if block.language == "console":
                for command, expected in commands(text):
                    self._type(command, expected)
            elif file := FILE.match(text.partition("\n")[0]):
                self._write(self.folder / file[1], text, append=bool(file[2]))
            else:
                raise AssertionError(f"{page}: neither a file nor a console block:\n{text}")

    def _write(self, path: Path, text: str, *, append: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if append else "w") as file:
            file.write(text)

    def _type(self, command: str, expected: list[str]) -> None:
        """A command without `&` must exit with status 0."""
        before = self._log.stat().st_size
        stays = command.endswith("&")
        with self._log.open("ab") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command[:-1]}" if stays else command],
                cwd=self.folder, env=self._environment(), stdout=output, stderr=output,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not (shows(self._since(before), expected) and (stays or process.poll() == 0)):
            assert not process.poll(), f"$ {command}\nfailed:\n{self._since(before)}"
            assert time.monotonic() < deadline, (
                f"$ {command}\nprinted:\n{self._since(before)}\nwithout:\n" + "\n".join(expected)
            )
            time.sleep(0.05)

    def _since(self, offset: int) -> str:
        return self._log.read_bytes()[offset:].decode(errors="replace")

    def _with_free_ports(self, text: str) -> str:
        for port, free in self._ports.items():
            text = re.sub(rf"\b{port}\b", free, text)
        return text

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        path = os.pathsep.join([str(self._executables), *os.get_exec_path()])
        return {**kept, "PATH": path, "DELTACROWN": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that must follow it."""
    for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *expected = typed.replace("\\\n", "").splitlines()
        yield command.strip(), [line for line in expected if line.strip()]


def shows(output: str, lines: list[str]) -> bool:
    """Whether the output has these lines in this order, with or without others between them."""
    remaining = iter(output.splitlines())
    patterns = [re.escape(line.strip()).replace(r"\.\.\.", ".*") for line in lines]
    return all(
        any(re.fullmatch(pattern, line.strip()) for line in remaining) for pattern in patterns
    )
