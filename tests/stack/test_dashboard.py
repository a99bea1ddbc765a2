"""Every panel's query, as it stands in the dashboard, returns data from a running stack."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.stack.processes import ROOT, Process, Stack, eventually, query

pytestmark = pytest.mark.stack

OVERVIEW = json.loads((ROOT / "grafana/dashboards/overview.json").read_text())
GUIDE = [
    "sum(ws_connections_active) by (tournament_id)",
    "rate(ws_messages_received_total[5m])",
    "rate(django_http_requests_total_by_method[5m])",
    "histogram_quantile(0.95, rate(django_http_requests_latency_seconds_bucket[5m]))",
    "rate(django_db_query_total[5m])",
    'rate(django_http_requests_total_by_method{status=~"5.."}[5m])',
]


@pytest.fixture(scope="module")
def prometheus(stack: Stack, web: Process, worker: Process) -> Iterator[Process]:
    stack.manage("seed_demo")
    scraped = stack.prometheus({"web": [web], "worker": [worker]})
    stop = threading.Event()
    traffic = threading.Thread(target=play, args=(web, stop))
    traffic.start()
    yield scraped
    stop.set()
    traffic.join(30)


def play(web: Process, stop: threading.Event) -> None:
    address = f"ws://127.0.0.1:{web.port}/ws/tournaments/2/"
    with connect(address, origin=Origin(web.url)) as socket, httpx.Client() as http:
        while not stop.wait(0.1):
            http.get(f"{web.url}/api/tournaments/")
            socket.send('{"type":"ping"}')
            socket.recv(10)


def test_the_panels_hold_the_guides_queries_as_written() -> None:
    assert [panel["targets"][0]["expr"] for panel in OVERVIEW["panels"]] == GUIDE


@pytest.mark.parametrize("expression", GUIDE)
def test_the_query_returns_data(prometheus: Process, expression: str) -> None:
    def found() -> None:
        values = [float(row["value"][1]) for row in query(prometheus, expression)]  # type: ignore[index]
        assert values
        if "5.." not in expression:
            assert any(value > 0 for value in values)

    eventually(found, seconds=30)


def test_every_target_is_up(prometheus: Process) -> None:
    def up() -> None:
        assert len(query(prometheus, "up == 1")) == 2

    eventually(up)


def test_the_committed_dashboards_are_what_the_generator_writes() -> None:
    done = subprocess.run([sys.executable, "grafana/build.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0
