"""docs/metrics.md is current, and lists each metric with its bounds and uses."""

import subprocess
import sys
from functools import cache

from stack.processes import ROOT


@cache
def rows() -> dict[str, str]:
    lines = (ROOT / "docs" / "metrics.md").read_text().splitlines()
    return {line.split("`")[1]: line for line in lines if line.startswith("`")}


def test_the_page_is_current() -> None:
    command = [sys.executable, "grafana/reference.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_row_has_the_bounds_dashboards_and_alerts_of_a_metric() -> None:
    row = rows()["ws_connection_failures_total"]
    assert "`reason`: origin, unauthenticated, not_found, overloaded, timeout, error" in row
    assert "[WebSocket](dashboards.md#websocket)" in row
    assert "[WebSocketConnectionFailures](runbooks/WebSocketConnectionFailures.md)" in row


def test_an_alert_on_a_recorded_metric_reads_the_metrics_that_it_is_made_of() -> None:
    assert "[JourneyBurnsFast]" in rows()["live_delivery_seconds"]
