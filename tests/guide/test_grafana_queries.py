"""MONITORING.md, "Grafana Dashboard Setup": its six queries open the Overview, as written.

That they return data from a running stack is shown by `tests/stack/test_dashboards.py`.
"""

import json
from pathlib import Path

from tests.guide.claims import claims, guide

ROOT = Path(__file__).parents[2]


@guide(
    "Prometheus Metrics",
    "sum(ws_connections_active) by (tournament_id)",
    "rate(ws_messages_received_total[5m])",
    "rate(django_http_requests_total_by_method[5m])",
    "histogram_quantile(0.95, rate(django_http_requests_latency_seconds_bucket[5m]))",
    "rate(django_db_query_total[5m])",
    'rate(django_http_requests_total_by_method{status=~"5.."}[5m])',
)
def test_the_overview_begins_with_the_six_queries_in_their_order() -> None:
    wanted = [
        claim.text.strip()
        for claim in claims()
        if claim.section == "Grafana Dashboard Setup" and claim.is_code
    ]
    assert len(wanted) == 6
    board = json.loads((ROOT / "grafana/dashboards/deltacrown-overview.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    assert [query for query in asked if query in wanted] == wanted
