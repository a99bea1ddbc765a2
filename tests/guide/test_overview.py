"""MONITORING.md, "Overview" and "Support"."""

import json
import re

import sentry_sdk

from tests.api.served import Served
from tests.guide.claims import claims, guide


@guide(
    "Overview",
    "Sentry: Error tracking",
    "Prometheus: Metrics collection",
    "Django Logging: Application logs",
    "Health Checks: /healthz",
)
def test_one_process_has_all_four_layers(server: Served) -> None:
    assert sentry_sdk.VERSION  # how it is set up: test_sentry
    assert server.http.get("/healthz").status_code == 200
    assert server.http.get("/readiness").status_code == 200
    assert "ws_connections_active" in server.http.get("/metrics/").text
    server.http.get("/api/tournaments/")
    assert [line["message"] for line in server.log_lines()][-1] == "Request answered"


@guide("Support", "Sentry Documentation", "Prometheus Django", "Grafana Dashboards")
def test_where_the_guide_sends_one_is_where_our_own_documents_do() -> None:
    addresses = [claim.text.split(": ", 1)[1] for claim in claims() if claim.chapter == "Support"]
    assert len(addresses) == 3
    for address in addresses:
        assert re.fullmatch(r"https://[a-z.]+/[\w/.-]*", address), json.dumps(address)
