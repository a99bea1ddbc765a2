"""docs/metrics.md is current, and lists each metric with its bounds and uses."""

import sys
from functools import cache

from tests.programs import ROOT, run


@cache
def rows() -> dict[str, str]:
    lines = (ROOT / "docs" / "metrics.md").read_text().splitlines()
    return {line.split("`")[1]: line for line in lines if line.startswith("`")}


def test_the_page_is_current() -> None:
    done = run(sys.executable, "grafana/reference.py", "--check")
    assert done.returncode == 0, done.stderr


def test_a_row_has_the_bounds_dashboards_and_alerts_of_a_metric() -> None:
    row = rows()["ws_connection_failures_total"]
    assert "`reason`: origin, unauthenticated, not_found, overloaded, timeout, error" in row
    assert "[WebSocket](dashboards.md#websocket)" in row
    assert "[WebSocketConnectionFailures](runbooks/WebSocketConnectionFailures.md)" in row


def test_an_alert_on_a_recorded_metric_reads_the_metrics_that_it_is_made_of() -> None:
    assert "[JourneyBurnsFast]" in rows()["live_delivery_seconds"]
