"""Every query of every dashboard returns data from the whole stack under load."""

import re
import time

import pytest

from grafana.promql import with_all_selected
from stack.processes import Process
from stack.prometheus import instant_query
from tests.boards import PanelQuery, boards, queries
from tests.stack.dashboards.queries import api, series_of

pytestmark = pytest.mark.stack

PROMETHEUS_QUERIES = queries("prometheus")
WITHOUT_DATA = {
    ("database", "Failed connection attempts"): "Postgres accepts every connection",
    ("money", "Counter vs ledger"): "there was no ledger six hours ago",
}


def of(query: PanelQuery) -> str:
    return query.name


@pytest.mark.parametrize("query", PROMETHEUS_QUERIES, ids=of)
def test_the_query_returns_data_with_the_labels_of_its_legend(
    prometheus: Process, query: PanelQuery
) -> None:
    expression = with_all_selected(query.expr)
    if (query.board, query.panel) in WITHOUT_DATA:
        assert instant_query(prometheus.url, expression) == [], "it has data"
        return
    for label in re.findall(r"{{(\w+)}}", query.legend):
        assert all(label in series for series in series_of(prometheus, expression)), label
    series_of(prometheus, expression)


@pytest.mark.parametrize(
    "query", [query for query in PROMETHEUS_QUERIES if query.exemplars], ids=of
)
def test_a_latency_has_exemplars_with_trace_ids(prometheus: Process, query: PanelQuery) -> None:
    now = time.time()
    expression = with_all_selected(query.expr)
    exemplars = api(prometheus, "query_exemplars", query=expression, start=now - 900, end=now)
    traces = [
        exemplar["labels"]["trace_id"] for series in exemplars for exemplar in series["exemplars"]
    ]
    assert traces
    assert all(re.fullmatch("[0-9a-f]{32}", trace) for trace in traces)


def variables() -> list[tuple[str, str]]:
    pairs = {
        (variable["name"], variable["definition"])
        for board in boards()
        for variable in board["templating"]["list"]
        if variable["type"] == "query" and variable["datasource"]["type"] == "prometheus"
    }
    return sorted(pairs)


@pytest.mark.parametrize(("name", "definition"), variables())
def test_a_variable_has_values(prometheus: Process, name: str, definition: str) -> None:
    parts = re.fullmatch(r"label_values\((.+), (\w+)\)", definition)
    assert parts
    assert all(parts[2] in series for series in series_of(prometheus, with_all_selected(parts[1])))


def test_the_running_release_is_annotated(prometheus: Process) -> None:
    (expression,) = {
        note["expr"]
        for board in boards()
        for note in board["annotations"]["list"]
        if note["name"] == "Deploys"
    }
    assert all("release" in series for series in series_of(prometheus, expression))


def test_every_target_is_up(prometheus: Process) -> None:
    assert {series["job"] for series in series_of(prometheus, "up == 1")} == {
        *("web", "worker", "probes", "node", "redis", "postgres", "blackbox", "prometheus"),
        *("alertmanager", "tls"),
    }
    assert instant_query(prometheus.url, "up == 0") == []


def test_panels_without_data_exist() -> None:
    assert WITHOUT_DATA.keys() <= {(query.board, query.panel) for query in PROMETHEUS_QUERIES}
