"""MONITORING.md, "Grafana Dashboard Setup": its six queries are the first on the
Overview, unchanged, and return data from a real Prometheus.

`tests/stack/dashboards/` runs the queries of all dashboards against the whole stack.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from demo.guide.prometheus import prometheus
from demo.guide.queries import Query, querying
from stack.waiting import eventually
from tests.api.served import Served, read, served
from tests.guide.claims import claims, guide
from tests.programs import ROOT

CHAPTER = "Prometheus Metrics"
MESSAGE_RATE = "rate(ws_messages_received_total[5m])"
REQUEST_RATE = "rate(django_http_requests_total_by_method[5m])"
LATENCY = "histogram_quantile(0.95, rate(django_http_requests_latency_seconds_bucket[5m]))"
QUERY_RATE = "rate(django_db_query_total[5m])"
ERROR_RATE = 'rate(django_http_requests_total_by_method{status=~"5.."}[5m])'
UNREACHABLE = "http://127.0.0.1:1"  # makes prometheus() start its own server


def test_the_overview_starts_with_the_six_queries_in_order() -> None:
    queries = [
        claim.text.strip()
        for claim in claims()
        if claim.section == "Grafana Dashboard Setup" and claim.is_code
    ]
    assert len(queries) == 6
    board = json.loads((ROOT / "grafana/dashboards/deltacrown-overview.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    assert [query for query in shown if query in queries] == queries


@dataclass
class Watched:
    """A web process with one open WebSocket, and a Prometheus that scrapes it."""

    server: Served
    cup: int
    query: Query

    def sum(self, expression: str, **labels: str) -> float:
        """The sum over the series with these labels. Raises AssertionError if there are none."""
        rows = self.query(expression)
        values = [float(row["value"][1]) for row in rows if labels.items() <= row["metric"].items()]
        assert values, expression
        return sum(values)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not on this machine")
    with (
        pytest.MonkeyPatch.context() as patch,
        served(tmp_path_factory.mktemp("queries")) as server,
    ):
        patch.setenv("PROMETHEUS_URL", UNREACHABLE)
        cup = server.opened(server.player())
        with server.welcomed(cup) as socket, prometheus(server.origin) as url:
            watched = Watched(server, cup, querying(url))

            def is_scraped() -> None:
                socket.send('{"type": "ping"}')
                read(socket)
                server.http.get("/api/tournaments/")
                assert watched.sum(MESSAGE_RATE, message_type="ping") > 0
                assert watched.sum("rate(django_http_requests_latency_seconds_count[5m])") > 0

            eventually(is_scraped)
            yield watched


@guide(CHAPTER, "sum(ws_connections_active) by (tournament_id)", MESSAGE_RATE)
def test_active_websocket_connections_and_their_message_rate(watched: Watched) -> None:
    cup = {"tournament_id": str(watched.cup)}
    assert watched.sum("sum(ws_connections_active) by (tournament_id)", **cup) == 1
    assert watched.sum(MESSAGE_RATE, message_type="ping", **cup) > 0


@guide(CHAPTER, REQUEST_RATE, LATENCY, QUERY_RATE)
def test_request_rate_95th_percentile_latency_and_query_rate(watched: Watched) -> None:
    assert watched.sum(REQUEST_RATE, method="GET", status="200") > 0
    assert 0 < watched.sum(LATENCY) < 2
    assert watched.sum(QUERY_RATE, alias="default") > 0


@guide(CHAPTER, ERROR_RATE)
def test_error_rate_is_0_until_a_request_fails(watched: Watched) -> None:
    """Runs last, because it drops a table of the application."""
    assert watched.sum(ERROR_RATE) == 0
    with closing(sqlite3.connect(watched.server.stack.environment["SQLITE_PATH"])) as database:
        database.execute("DROP TABLE tournaments_tournament")

    def has_risen() -> None:
        assert watched.server.http.get("/api/tournaments/").status_code == 500
        assert watched.sum(ERROR_RATE, method="GET", status="500") > 0

    eventually(has_risen)
