"""A name in a panel, a rule or a document is one that a scrape has; and each of ours is read."""

import re
from itertools import chain
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from grafana.promql import Selector, selectors
from stack.processes import ROOT, Process
from tests.boards import boards, queries, with_everything_chosen
from tests.stack.dashboards.asking import answers, ask

pytestmark = pytest.mark.stack

RULES = sorted((ROOT / "prometheus/rules").glob("*.yml"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = ("MONITORING.md", "guide.md")  # the guide, and what of it is not so
BY_LIBRARIES = ("django_", "process_", "python_")
NEVER_HERE = {
    "django_db_new_connection_errors_total": "Postgres takes every connection",
}
NO_METRIC = {
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


def rule_expressions() -> list[str]:
    groups = chain.from_iterable(yaml.safe_load(path.read_text())["groups"] for path in RULES)
    return [str(rule["expr"]) for group in groups for rule in group["rules"]]


def panel_expressions() -> list[str]:
    variables = [
        variable["definition"].removeprefix("label_values(").rsplit(",", 1)[0]
        for board in boards()
        for variable in board["templating"]["list"]
        if variable["type"] == "query" and variable["datasource"]["type"] == "prometheus"
    ]
    notes = [note["expr"] for board in boards() for note in board["annotations"]["list"]]
    shown = [with_everything_chosen(query.expr) for query in queries("prometheus")]
    return shown + variables + notes


def document_expressions() -> list[str]:
    """The guide's too: they are the ones that open the Overview."""
    blocks = chain.from_iterable(FENCE.findall(path.read_text()) for path in DOCUMENTS)
    return [text for language, text in blocks if language == "promql"]


def read() -> set[Selector]:
    expressions = [*panel_expressions(), *rule_expressions(), *document_expressions()]
    return {selector for expression in expressions for selector in selectors(expression)}


@pytest.fixture(scope="module")
def labels(prometheus: Process) -> dict[str, set[str]]:
    """Of every metric that Prometheus knows, once beat's tasks have run."""
    answers(prometheus, "celery_beat_heartbeat_timestamp_seconds > 0")
    known: dict[str, set[str]] = {}
    for series in ask(prometheus, "series", **{"match[]": '{__name__!=""}'}):
        known.setdefault(series["__name__"], set()).update(series)
    return known


def test_every_name_that_is_read_is_scraped(labels: dict[str, set[str]]) -> None:
    unknown = {selector.metric for selector in read()} - labels.keys() - NEVER_HERE.keys()
    assert unknown == set()


def test_every_label_that_is_asked_by_exists(labels: dict[str, set[str]]) -> None:
    wrong = {
        f"{metric}{{{label}}}"
        for metric, asked in read()
        if metric != "ALERTS"  # which has those of what fires
        for label in asked - labels.get(metric, asked)
    }
    assert wrong == set()


def test_every_metric_of_ours_is_read(web: Process, worker: Process, prometheus: Process) -> None:
    ours = {
        family.name
        for process in (("web", web), ("worker", worker))
        for family in families(*process)
        if not family.name.startswith(BY_LIBRARIES)
    }
    assert {PART.sub("", name) for name in ours} - {
        PART.sub("", selector.metric) for selector in read()
    } == set()


def families(job: str, process: Process) -> list:  # type: ignore[type-arg]
    import httpx

    path = {"web": "/metrics/", "worker": "/metrics"}[job]
    return list(text_string_to_metric_families(httpx.get(process.url + path, timeout=10).text))


def looks_like_one(word: str, known: set[str]) -> bool:
    """It begins as one of the metrics does, and ends as one does."""
    first, last = word.split("_", maxsplit=1)[0], word.rsplit("_", maxsplit=1)[-1]
    return first in {name.split("_")[0] for name in known} and last in {
        name.rsplit("_", maxsplit=1)[-1] for name in known
    }


def words(path: Path) -> set[str]:
    """What stands as code in a document's text, and in its console blocks."""
    text = path.read_text()
    blocks = [block for language, block in FENCE.findall(text) if language in ("console", "sh", "")]
    found = set(CODE.findall(FENCE.sub("", text)))
    return found | set(re.findall(r"\b[a-z][a-z0-9]*_[a-z0-9_]+\b", "\n".join(blocks)))


@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if path.name not in GUIDES],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_document_names_metrics_that_exist(path: Path, labels: dict[str, set[str]]) -> None:
    known = {name for name in labels if "_" in name and ":" not in name}
    dead = {
        word
        for word in words(path) - NO_METRIC.keys() - NEVER_HERE.keys()
        if looks_like_one(word, known) and not any(name.startswith(word) for name in known)
    }
    assert dead == set()


def test_a_metric_that_is_gone_is_noticed(tmp_path: Path, labels: dict[str, set[str]]) -> None:
    document = tmp_path / "page.md"
    document.write_text("See `celery_tasks_gone_total` and `celery_tasks_total{state=...}`.\n")
    known = set(labels)
    assert {word for word in words(document) if looks_like_one(word, known)} - known == {
        "celery_tasks_gone_total"
    }
