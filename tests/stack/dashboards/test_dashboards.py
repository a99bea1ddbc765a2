"""Every query of every dashboard returns data from the whole stack under load."""

import re
import time

import pytest

from stack.processes import ROOT, Process
from tests.boards import Shown, boards, queries, with_everything_chosen
from tests.stack.dashboards.asking import answers, ask, rows

pytestmark = pytest.mark.stack

OF_PROMETHEUS = queries("prometheus")
NEVER_HERE = {
    ("database", "Connections that failed"): "Postgres is there, and takes them all",
    ("money", "Counter and ledger apart"): "six hours ago there was no ledger",
}
GUIDE = [
    "sum(ws_connections_active) by (tournament_id)",
    "rate(ws_messages_received_total[5m])",
    "rate(django_http_requests_total_by_method[5m])",
    "histogram_quantile(0.95, rate(django_http_requests_latency_seconds_bucket[5m]))",
    "rate(django_db_query_total[5m])",
    'rate(django_http_requests_total_by_method{status=~"5.."}[5m])',
]


def of(shown: Shown) -> str:
    return shown.name


def test_the_overview_begins_with_the_guides_queries_as_written() -> None:
    guide = (ROOT / "docs/MONITORING.md").read_text()
    overview = [query.expr for query in OF_PROMETHEUS if query.board == "overview"]
    assert overview[: len(GUIDE)] == GUIDE
    assert all(expression in guide for expression in GUIDE)


@pytest.mark.parametrize("shown", OF_PROMETHEUS, ids=of)
def test_the_query_returns_data_with_the_labels_of_its_legend(
    prometheus: Process, shown: Shown
) -> None:
    expression = with_everything_chosen(shown.expr)
    if (shown.board, shown.panel) in NEVER_HERE:
        assert rows(prometheus, expression) == [], "it has data after all"
        return
    for label in re.findall(r"{{(\w+)}}", shown.legend):
        assert all(label in series for series in answers(prometheus, expression)), label
    answers(prometheus, expression)


@pytest.mark.parametrize("shown", [one for one in OF_PROMETHEUS if one.exemplars], ids=of)
def test_a_latency_leads_to_traces(prometheus: Process, shown: Shown) -> None:
    now = time.time()
    expression = with_everything_chosen(shown.expr)
    found = ask(prometheus, "query_exemplars", query=expression, start=now - 900, end=now)
    traces = [one["labels"]["trace_id"] for series in found for one in series["exemplars"]]
    assert traces
    assert all(re.fullmatch("[0-9a-f]{32}", trace) for trace in traces)


def variables() -> list[tuple[str, str]]:
    found = {
        (variable["name"], variable["definition"])
        for board in boards()
        for variable in board["templating"]["list"]
        if variable["type"] == "query" and variable["datasource"]["type"] == "prometheus"
    }
    return sorted(found)


@pytest.mark.parametrize(("name", "definition"), variables())
def test_the_variable_has_values_to_choose_from(
    prometheus: Process, name: str, definition: str
) -> None:
    parts = re.fullmatch(r"label_values\((.+), (\w+)\)", definition)
    assert parts
    assert all(parts[2] in series for series in answers(prometheus, parts[1]))


def test_what_fires_is_marked(prometheus: Process) -> None:
    (expression,) = {
        note["expr"]
        for board in boards()
        for note in board["annotations"]["list"]
        if note["name"] == "Alerts"
    }
    for_all = expression.replace(',alertname!="Watchdog"', "")
    assert "Watchdog" in {series["alertname"] for series in answers(prometheus, for_all)}
    assert "Watchdog" not in {row["metric"]["alertname"] for row in rows(prometheus, expression)}


def test_every_target_is_up(prometheus: Process) -> None:
    assert {series["job"] for series in answers(prometheus, "up == 1")} == {
        *("web", "worker", "probes", "node", "redis", "postgres", "blackbox", "prometheus"),
        *("alertmanager", "tls"),
    }
    assert rows(prometheus, "up == 0") == []


def test_what_may_be_empty_is_a_panel() -> None:
    assert NEVER_HERE.keys() <= {(query.board, query.panel) for query in OF_PROMETHEUS}
