"""docs/guide.md, the table of what the guide has wrong: it quotes the guide, and names what there
is. In its last column every word in backquotes is a path, a command, a setting, an alert or a
metric."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from grafana import promql
from tests.api.served import Served
from tests.guide.claims import GUIDE, claims

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guide.md").read_text()
OF_EXPORTERS = ("probe_", "node_", "redis_", "pg_")
MOST_WORDS = 60


class Row(NamedTuple):
    chapter: str
    said: str
    fact: str
    ours: str

    def __str__(self) -> str:
        return f"{self.chapter}: {self.said}"


def rows() -> Iterator[Row]:
    chapter = ""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for line in lines[1:]:
        said, fact, ours = (cell.strip() for cell in line.strip("|").split("|"))
        if title := re.fullmatch(r"\*\*(.+)\*\*", said):
            chapter = title[1]
        else:
            yield Row(chapter, said, fact, ours)


ROWS = list(rows())


def rules() -> list[dict[str, str]]:
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "prometheus/rules").glob("*.yml")]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def settings_there_are() -> set[str]:
    example = re.findall(r"^#? ?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    ours = re.findall(r"^(\w+)\b.*=", (ROOT / "deltacrown/settings.py").read_text(), re.MULTILINE)
    return {*example, *ours}


@pytest.fixture(scope="module")
def metrics(server: Served) -> set[str]:
    """What a running server's page has, and the exporters' metrics that our rules read."""
    server.http.get("/api/tournaments/")
    families = list(text_string_to_metric_families(server.http.get("/metrics/").text))
    shown = {sample.name for family in families for sample in family.samples}
    empty = {f"{family.name}_total" for family in families if family.type == "counter"}
    read = set().union(*(promql.metrics(rule["expr"]) for rule in rules()))
    theirs = {name for name in read if name.startswith(OF_EXPORTERS)}
    return shown | {family.name for family in families} | empty | theirs


def exists(word: str, metrics: set[str]) -> bool:
    if word == "*":  # what is not to be in ALLOWED_HOSTS
        return True
    if re.fullmatch(r"[A-Z][A-Z_]+", word):
        return word in settings_there_are()
    if re.fullmatch(r"([A-Z][a-z]+)+", word):
        return word in {rule.get("alert") for rule in rules()}
    if re.fullmatch(r"[a-z_]+", word):
        return word in metrics
    return (ROOT / word.split(maxsplit=1)[0]).exists()


def test_there_is_one_table_with_the_guides_chapters_in_their_order() -> None:
    chapters = list(dict.fromkeys(row.chapter for row in ROWS))
    assert chapters == list(dict.fromkeys(claim.chapter for claim in claims()))
    assert PAGE.count("|---|---|---|") == 1
    assert len(ROWS) > 60


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_the_guide_says_it_says(row: Row) -> None:
    assert row.said[0] + row.said[-1] in ("``", '""')
    assert row.said[1:-1] in GUIDE.read_text()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_we_do_is_there(row: Row, metrics: set[str]) -> None:
    named = re.findall(r"`([^`]+)`", row.ours)
    assert [word for word in named if not exists(word, metrics)] == []
    assert row.fact


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_short(row: Row) -> None:
    assert len(" ".join(row[1:]).split()) <= MOST_WORDS


def test_the_versions_are_those_that_are_installed() -> None:
    [listed] = re.findall(r"The versions\s+are (.+?)\. `", PAGE, re.DOTALL)
    stated = [entry.split() for entry in listed.split(",")]
    assert len(stated) == 8
    for name, number in stated:
        assert f"{version(name)}.".startswith(f"{number}.")


@pytest.mark.parametrize(
    "word", re.findall(r"`([\w./]+/[\w./]*)`", PAGE.partition("| The guide")[0])
)
def test_files_that_the_introduction_names_are_there(word: str) -> None:
    assert (ROOT / word).exists()
