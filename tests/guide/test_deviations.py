"""docs/guide.md, the table of deviations: it quotes the guide, and each name in it exists.

In its last column every word in backquotes is a path, a command, a setting, an alert or a metric.
"""

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from grafana import promql
from tests.api.served import Served
from tests.guide.claims import GUIDE, claims
from tests.programs import ROOT
from tests.prometheus.alerts import rules

PAGE = (ROOT / "docs" / "guide.md").read_text()
EXPORTER_PREFIXES = ("probe_", "node_", "redis_", "pg_")
MAX_WORDS = 60


class Row(NamedTuple):
    chapter: str
    quote: str
    fact: str
    solution: str

    def __str__(self) -> str:
        return f"{self.chapter}: {self.quote}"


def rows() -> Iterator[Row]:
    chapter = ""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for line in lines[1:]:
        quote, fact, solution = (cell.strip() for cell in line.strip("|").split("|"))
        if title := re.fullmatch(r"\*\*(.+)\*\*", quote):
            chapter = title[1]
        else:
            yield Row(chapter, quote, fact, solution)


ROWS = list(rows())


def setting_names() -> set[str]:
    example = re.findall(r"^#? ?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    django = re.findall(r"^(\w+)\b.*=", (ROOT / "deltacrown/settings.py").read_text(), re.MULTILINE)
    return {*example, *django}


@pytest.fixture(scope="module")
def metrics(server: Served) -> set[str]:
    """The metrics of a running server, and the exporters' metrics that the rules query."""
    server.http.get("/api/tournaments/")
    families = list(text_string_to_metric_families(server.http.get("/metrics/").text))
    samples = {sample.name for family in families for sample in family.samples}
    counters = {f"{family.name}_total" for family in families if family.type == "counter"}
    queried = set().union(*(promql.metrics(rule["expr"]) for rule in rules()))
    exported = {name for name in queried if name.startswith(EXPORTER_PREFIXES)}
    return samples | {family.name for family in families} | counters | exported


def exists(word: str, metrics: set[str]) -> bool:
    if word == "*":  # a value of ALLOWED_HOSTS
        return True
    if re.fullmatch(r"[A-Z][A-Z_]+", word):
        return word in setting_names()
    if re.fullmatch(r"([A-Z][a-z]+)+", word):
        return word in {rule.get("alert") for rule in rules()}
    if re.fullmatch(r"[a-z_]+", word):
        return word in metrics
    return (ROOT / word.split(maxsplit=1)[0]).exists()


def test_the_table_has_the_chapters_of_the_guide_in_order() -> None:
    chapters = list(dict.fromkeys(row.chapter for row in ROWS))
    assert chapters == list(dict.fromkeys(claim.chapter for claim in claims()))
    assert PAGE.count("|---|---|---|") == 1
    assert len(ROWS) > 60


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_quotes_the_guide_names_what_exists_and_is_short(row: Row, metrics: set[str]) -> None:
    assert row.quote[0] + row.quote[-1] in ("``", '""')
    assert row.quote[1:-1] in GUIDE.read_text()
    names = re.findall(r"`([^`]+)`", row.solution)
    assert [word for word in names if not exists(word, metrics)] == []
    assert row.fact
    assert len(" ".join(row[1:]).split()) <= MAX_WORDS


def test_the_page_lists_the_installed_versions() -> None:
    [listed] = re.findall(r"The versions\s+are (.+?)\. `", PAGE, re.DOTALL)
    stated = [entry.split() for entry in listed.split(",")]
    assert len(stated) == 8
    for name, number in stated:
        assert f"{version(name)}.".startswith(f"{number}.")


@pytest.mark.parametrize(
    "word", re.findall(r"`([\w./]+/[\w./]*)`", PAGE.partition("| The guide")[0])
)
def test_files_named_in_the_introduction_exist(word: str) -> None:
    assert (ROOT / word).exists()
