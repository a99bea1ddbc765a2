"""MONITORING.md, "Alert Thresholds": each is a rule with the guide's threshold and severity.

`tests/prometheus/test_rules.py` proves with promtool that each fires and stays silent.
"""

import pytest
import yaml

from tests.guide.claims import guide
from tests.programs import ROOT
from tests.prometheus.alerts import alerts

CHAPTER = "Alert Thresholds"


@guide(
    CHAPTER,
    "Threshold: > 100 errors/5min",
    'Metric: rate(django_http_requests_total_by_method{status=~"5.."}[5m]) > 0.33',
    "Endpoint: /readiness returns 503",
    "Threshold: > 50 failed connections/min",
    "Custom metric: ws_connection_failures_total",
    "Threshold: > 5 failures/hour",
    'Metric: payments_processed_total{status="FAILED"}',
    "Threshold: p95 > 2 seconds",
    "Metric: histogram_quantile(0.95",
    "Threshold: > 1000 queries/sec",
    "Metric: rate(django_db_query_total[5m]) > 1000",
    "Threshold: > 10,000 pending messages",
    "Redis LLEN on channel layer queue",
    "Threshold: < 20% free",
    "System metric (node exporter)",
)
@pytest.mark.parametrize(
    ("severity", "alert", "expression"),
    [
        (
            "critical",
            "HighErrorRate",
            'rate(django_http_requests_total_by_method{status=~"5.."}[5m]) ... > 0.33',
        ),
        ("critical", "DatabaseDown", "/readiness ... probe_success == 0"),
        ("critical", "WebSocketConnectionFailures", "ws_connection_failures_total[1m] ... > 50"),
        ("critical", "PaymentFailures", 'payments_processed_total{status="FAILED"}[1h] ... > 5'),
        (
            "warning",
            "HighResponseTime",
            "histogram_quantile(0.95 ... django_http_requests_latency_seconds_bucket[5m] ... > 2",
        ),
        ("warning", "HighDatabaseQueryRate", "rate(django_db_query_total[5m]) ... > 1000"),
        # The queue of a process holds 100 messages, not 10,000.
        (
            "warning",
            "WebSocketQueueBacklog",
            "channel_layer_pending_messages ... channel_layer_capacity",
        ),
        ("warning", "DiskSpaceLow", "filesystem_avail_bytes ... filesystem_size_bytes ... 0.2"),
    ],
)
def test_a_threshold_is_an_alert_of_its_severity(
    severity: str, alert: str, expression: str
) -> None:
    [rule] = [rule for rule in alerts(severity) if rule["alert"] == alert]
    assert all(part.strip() in rule["expr"] for part in expression.split("...")), rule["expr"]


@guide(CHAPTER, "Check: Every 30 seconds")
def test_readiness_is_probed_every_thirty_seconds() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    probes = next(job for job in config["scrape_configs"] if job["job_name"] == "probes")
    assert probes["scrape_interval"] == "30s"
    assert any(target.endswith("/readiness") for target in probes["static_configs"][0]["targets"])
