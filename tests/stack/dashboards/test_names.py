"""A name in a panel, a rule or a runbook is one that a scrape has; and each of ours is read."""

import re
from itertools import chain

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from grafana.promql import Selector, metrics, selectors
from tests.boards import boards, queries
from tests.stack.dashboards.asking import answers, ask
from tests.stack.processes import ROOT, Process

pytestmark = pytest.mark.stack

RULES = sorted((ROOT / "prometheus/rules").glob("*.yml"))
RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))
BY_LIBRARIES = ("django_", "process_", "python_")
NEVER_HERE = {
    "probe_ssl_earliest_cert_expiry": "nothing in this stack speaks TLS",
    "django_db_new_connection_errors_total": "Postgres takes every connection",
}
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
    return [query.expr for query in queries("prometheus")] + variables + notes


def runbook_expressions() -> list[str]:
    fenced = re.compile(r"```promql\n(.*?)```", re.DOTALL)
    return [block for path in RUNBOOKS for block in fenced.findall(path.read_text())]


def read() -> set[Selector]:
    expressions = [*panel_expressions(), *rule_expressions(), *runbook_expressions()]
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


def test_runbooks_name_metrics_that_exist(labels: dict[str, set[str]]) -> None:
    """In their text as well, as far as a word looks like one of ours."""
    ours = {name for name in labels if metrics(name)}
    beginnings = {name.split("_")[0] for name in ours if "_" in name}
    for path in RUNBOOKS:
        code = re.findall(r"`([a-z][a-z0-9_:]*_[a-z0-9_:]+)(?:\{[^`]*)?`", path.read_text())
        for word in code:
            if word.split("_")[0] in beginnings and word.endswith(("_total", "_seconds")):
                assert any(name.startswith(word) for name in ours), f"{path.name}: {word}"
