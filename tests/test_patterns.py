"""The pages of `docs/patterns` are what runs: each is followed in a fresh Django project."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT, Reader, blocks, pages

LONGEST = 60  # lines: a screen
NEEDS = {"multiprocess-worker": pytest.mark.redis, "alert-tests": pytest.mark.stack}


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
    copied = to_copy(pattern)
    assert all((ROOT / path).exists() for path in copied), copied
    missing = {
        path
        for path in imported_by(copied)
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


def imported_by(paths: list[str]) -> set[str]:
    """The modules of ours that these import, and what those import."""
    found: set[str] = set()
    waiting = [file for path in paths for file in python_files(ROOT / path)]
    while waiting:
        for module in imports_of(waiting.pop()):
            path = str(module.relative_to(ROOT))
            if path not in found:
                found.add(path)
                waiting.append(module)
    return found


def python_files(path: Path) -> list[Path]:
    return list(path.rglob("*.py")) if path.is_dir() else [path] if path.suffix == ".py" else []


def imports_of(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            folder = ROOT / node.module.replace(".", "/")
            for name in node.names:
                yield from filter(
                    Path.is_file, [folder / f"{name.name}.py", folder / name.name / "__init__.py"]
                )
            yield from filter(Path.is_file, [folder.with_suffix(".py")])


def test_the_index_names_every_page() -> None:
    index = (PAGES / "README.md").read_text()
    assert [name for name in pages() if f"]({name}.md)" not in index] == []
