"""Metrics in panels, rules and documents are scraped, and every own metric is used."""

import re
from itertools import chain
from pathlib import Path

import httpx
import pytest

from grafana.promql import Selector, selectors, with_all_selected
from stack.processes import ROOT, Process
from tests.boards import boards, queries
from tests.prometheus.alerts import rules
from tests.stack.dashboards.queries import api, series_of

pytestmark = pytest.mark.stack

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = ("MONITORING.md", "guide.md")  # the guide and its errata
BY_LIBRARIES = ("django_", "process_", "python_")
NEVER_SCRAPED = {"django_db_new_connection_errors_total": "Postgres accepts every connection"}
NOT_A_METRIC = {
    "tournament_id": "a label",
    "django_prometheus": "the library",
    "celery_signals": "a module",
    "process_metrics": "a module",
    "webhooks_retry": "a task",
    "match_id": "a column",
}
CODE = re.compile(r"`([a-z][a-z0-9]*_[a-z0-9_:]+)(?:\{[^`]*)?`")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
PART = re.compile(r"_(total|bucket|count|sum)$")


def panel_expressions() -> list[str]:
    variables = [
        variable["definition"].removeprefix("label_values(").rsplit(",", 1)[0]
        for board in boards()
        for variable in board["templating"]["list"]
        if variable["type"] == "query" and variable["datasource"]["type"] == "prometheus"
    ]
    notes = [note["expr"] for board in boards() for note in board["annotations"]["list"]]
    query = [with_all_selected(query.expr) for query in queries("prometheus")]
    return query + variables + notes


def document_expressions() -> list[str]:
    """PromQL blocks of all documents, including the guide."""
    blocks = chain.from_iterable(FENCE.findall(path.read_text()) for path in DOCUMENTS)
    return [text for language, text in blocks if language == "promql"]


def used() -> set[Selector]:
    expressions = [
        *panel_expressions(),
        *(rule["expr"] for rule in rules()),
        *document_expressions(),
    ]
    return {selector for expression in expressions for selector in selectors(expression)}


@pytest.fixture(scope="module")
def labels(prometheus: Process) -> dict[str, set[str]]:
    """The labels of every metric in Prometheus, after the periodic tasks and the load."""
    series_of(prometheus, "celery_beat_heartbeat_timestamp_seconds > 0")
    series_of(prometheus, "django_http_exceptions_total_by_view_total > 0")
    known: dict[str, set[str]] = {}
    for series in api(prometheus, "series", **{"match[]": '{__name__!=""}'}):
        known.setdefault(series["__name__"], set()).update(series)
    return known


def test_every_used_metric_is_scraped(labels: dict[str, set[str]]) -> None:
    unknown = {selector.metric for selector in used()} - labels.keys() - NEVER_SCRAPED.keys()
    assert unknown == set()


def test_every_used_label_exists(labels: dict[str, set[str]]) -> None:
    wrong = {
        f"{metric}{{{label}}}"
        for metric, matched in used()
        if metric != "ALERTS"  # which has the labels of the firing alert
        for label in matched - labels.get(metric, matched)
    }
    assert wrong == set()


def test_every_own_metric_is_used(web: Process, worker: Process, prometheus: Process) -> None:
    pages = (httpx.get(f"{web.url}/metrics/").text, httpx.get(f"{worker.url}/metrics").text)
    exposed = re.findall(r"^# TYPE (\w+)", "".join(pages), re.MULTILINE)
    own = {name for name in exposed if not name.startswith(BY_LIBRARIES)}
    assert {PART.sub("", name) for name in own} - {
        PART.sub("", selector.metric) for selector in used()
    } == set()


def looks_like_a_metric(word: str, known: set[str]) -> bool:
    """Whether its first and last words are those of metrics."""
    first, last = word.split("_", maxsplit=1)[0], word.rsplit("_", maxsplit=1)[-1]
    return first in {name.split("_")[0] for name in known} and last in {
        name.rsplit("_", maxsplit=1)[-1] for name in known
    }


def words(path: Path) -> set[str]:
    """The code words of a document, inline and in console blocks."""
    text = path.read_text()
    blocks = [block for language, block in FENCE.findall(text) if language in ("console", "sh", "")]
    inline = set(CODE.findall(FENCE.sub("", text)))
    return inline | set(re.findall(r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b", "\n".join(blocks)))


@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if path.name not in GUIDES],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_document_names_metrics_that_exist(path: Path, labels: dict[str, set[str]]) -> None:
    known = {name for name in labels if "_" in name and ":" not in name}
    dead = {
        word
        for word in words(path) - NOT_A_METRIC.keys() - NEVER_SCRAPED.keys()
        if looks_like_a_metric(word, known) and not any(name.startswith(word) for name in known)
    }
    assert dead == set()
