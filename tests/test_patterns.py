"""The pages of `docs/patterns` are what runs: each is followed in a fresh Django project."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import imported_by, installed_with, provided_by, python_files, top_levels
from tests.pages import PAGES, ROOT, Reader, blocks, commands, pages

LONGEST = 60  # lines: a screen
NEEDS = {
    "alert-tests": pytest.mark.stack,
    "drills": pytest.mark.stack,
    "json-logs": pytest.mark.redis,
    "multiprocess-worker": pytest.mark.redis,
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh project that has followed "Begin"."""
    folder = tmp_path_factory.mktemp("begun") / "project"
    folder.mkdir()
    with Reader(folder) as reader:
        reader.follow("README")
    return folder


@pytest.mark.parametrize(
    "pattern", [pytest.param(name, marks=NEEDS.get(name, ())) for name in pages()]
)
def test_who_follows_the_page_sees_what_it_shows(pattern: str, begun: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(begun, folder)
    with Reader(folder) as reader:
        reader.follow(pattern)


@pytest.mark.parametrize("pattern", pages())
def test_a_page_fits_on_a_screen_and_says_all_that_it_should(pattern: str) -> None:
    text = (PAGES / f"{pattern}.md").read_text()
    assert len(text.splitlines()) <= LONGEST
    assert "**Copy**" in text
    assert "**The trap**" in text
    assert blocks(pattern)[-1].language == "console"


@pytest.mark.parametrize("pattern", pages())
def test_what_it_says_to_copy_is_enough(pattern: str) -> None:
    copied, removed = to_copy(pattern), to_remove(pattern)
    assert all((ROOT / path).exists() for path in [*copied, *removed])
    missing = {
        path
        for path in imported_by(copied, but_not=removed)
        if not any(path == one or path.startswith(f"{one}/") for one in copied)
    }
    assert not missing


def to_copy(pattern: str) -> list[str]:
    """``**Copy** `apps/core/health.py`, `types.py`;``: the folder is the first one's."""
    text = (PAGES / f"{pattern}.md").read_text()
    [sentence] = re.findall(r"\*\*Copy\*\* ((?:`[\w./-]+`(?:, | and )?)+)", text)
    first, *others = re.findall(r"`([^`]+)`", sentence)
    folder = Path(first).parent
    return [first, *(one if "/" in one else str(folder / one) for one in others)]


def to_remove(pattern: str) -> set[str]:
    """`rm drills/{faults,traffic}.py`: of what was copied, what the page does without or writes."""
    typed = [block.text for block in blocks(pattern) if block.language == "console"]
    words = " ".join(re.findall(r"\brm (?:-r )?((?:[\w./{},*]+ ?)+)", "".join(typed)))
    expanded = subprocess.check_output(["bash", "-c", f"echo {words}"], cwd=ROOT, text=True)
    return set(expanded.split())


def test_the_index_names_every_page_and_no_other() -> None:
    index = (PAGES / "README.md").read_text()
    assert sorted(re.findall(r"\]\(([\w-]+)\.md\)", index)) == pages()


def test_what_begin_installs_has_all_that_the_kit_imports() -> None:
    [line] = [
        command
        for block in blocks("README")
        for command, _ in commands(block.text)
        if command.startswith("pip install")
    ]
    wanted = [word for word in shlex.split(line)[2:] if not word.startswith("-")]
    imported = {
        name
        for file in python_files(ROOT / "apps" / "core")
        for name in top_levels(file)
        if name not in sys.stdlib_module_names and name != "apps"
    }
    installed = installed_with(wanted)
    assert {name for name in imported if not installed & provided_by(name)} == set()
