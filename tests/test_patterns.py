"""Each page of `docs/patterns` works in a new project, with the files and packages it lists."""

import re
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT, Page, Reader, pages

MAX_LINES = 78  # a page
MARKS = {
    "alert-tests": pytest.mark.stack,
    "drills": pytest.mark.stack,
    "json-logs": pytest.mark.redis,
    "worker-metrics": pytest.mark.redis,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=MARKS.get(name, ())) for name in pages()]
)
def test_a_reader_sees_the_output_that_the_page_shows(name: str, tmp_path: Path) -> None:
    page = Page(name)
    with Reader(tmp_path) as reader:
        reader.begin(page)
        reader.follow(page)


@pytest.mark.parametrize("name", pages())
def test_a_page_fits_on_a_screen_and_has_all_its_parts(name: str) -> None:
    page = Page(name)
    assert len(page.text.splitlines()) <= MAX_LINES
    assert page.copied
    assert page.packages is not None
    assert "**The trap**" in page.text
    assert page.blocks[-1].language == "console"
    assert all((ROOT / path).exists() for path in page.copied)


def test_the_index_names_every_page_and_no_other() -> None:
    index = (PAGES / "README.md").read_text()
    assert sorted(re.findall(r"\]\(([\w-]+)\.md\)", index)) == pages()
