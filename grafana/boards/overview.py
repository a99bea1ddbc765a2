"""Overview: key figures, firing alerts, and the six queries of MONITORING.md, unchanged.

It selects no process and no tournament, because the queries of the guide filter by none.
"""

from grafana.dashboard import dashboard
from grafana.panels import alert_list, stat, timeseries
from grafana.queries import FIRING, PAYMENTS_SUCCEED, READY
from grafana.shapes import Link, Query
from grafana.thresholds import RED_FROM_1, REMAINING, UP

TILES = [
    stat(
        "Readiness",
        "Result of /readiness: database, Redis and channel layer respond.",
        READY,
        texts={"1": "ready", "0": "not ready"},
        steps=UP,
        see="redis-postgres",
    ),
    stat(
        "Firing alerts",
        "Firing alerts, without the Watchdog.",
        FIRING,
        steps=RED_FROM_1,
        see="monitoring",
    ),
    stat(
        "Error budget",
        "Remaining 30-day error budget of the journey with the least left.",
        "min(journey:error_budget:remaining)",
        unit="percentunit",
        steps=REMAINING,
        empty="No requests",
        see="slo",
    ),
    stat(
        "Release",
        "SENTRY_RELEASE of the running processes. Two values are a deploy in progress.",
        Query("sum by (release) (app_build_info)", "{{release}}"),
        show_name=True,
    ),
    stat(
        "Requests",
        "Completed requests per second of all processes.",
        "sum(rate(django_http_requests_total_by_method[5m]))",
        unit="reqps",
        see="http",
    ),
    stat(
        "WebSockets", "Open WebSocket connections.", "sum(ws_connections_active)", see="websocket"
    ),
    stat(
        "Queued tasks",
        "Celery tasks that no worker has received.",
        "max(celery_queue_length)",
        see="celery",
    ),
    stat(
        "Payments OK",
        "Share of the payments finished in the last hour that succeeded.",
        PAYMENTS_SUCCEED,
        unit="percentunit",
        empty="None paid",
        see="business",
    ),
]
ALERTS = alert_list(
    "Alerts", "Firing alerts. Each links to its dashboard and its runbook.", see="monitoring"
)
GUIDE = [
    timeseries(
        "Active WebSocket connections",
        "Open WebSocket connections, by tournament.",
        Query("sum(ws_connections_active) by (tournament_id)", "tournament {{tournament_id}}"),
        see=Link("websocket", {"tournament": "tournament_id"}),
    ),
    timeseries(
        "WebSocket message rate",
        "Messages received from clients, by type.",
        Query(
            "rate(ws_messages_received_total[5m])", "{{message_type}}, tournament {{tournament_id}}"
        ),
        unit="msg/s",
        see=Link("websocket", {"tournament": "tournament_id"}),
    ),
    timeseries(
        "HTTP request rate",
        "Requests by method and status. Probes and scrapes are excluded.",
        Query("rate(django_http_requests_total_by_method[5m])", "{{method}} {{status}}"),
        unit="reqps",
        see="http",
    ),
    timeseries(
        "95th percentile request latency",
        "95th percentile of the response time, by process.",
        Query(
            "histogram_quantile(0.95, rate(django_http_requests_latency_seconds_bucket[5m]))",
            "{{instance}}",
            exemplars=True,
        ),
        unit="s",
        alert="HighResponseTime",
        empty="No requests",
        see=Link("http", {"instance": "instance"}),
    ),
    timeseries(
        "Database query rate",
        "Queries by process. The alert uses the sum.",
        Query("rate(django_db_query_total[5m])", "{{alias}} ({{vendor}}), {{instance}}"),
        unit="ops",
        alert="HighDatabaseQueryRate",
        see=Link("database", {"instance": "instance"}),
    ),
    timeseries(
        "Error rate (HTTP 5xx)",
        "Requests with a 5xx status. The alert uses the sum.",
        Query(
            'rate(django_http_requests_total_by_method{status=~"5.."}[5m])', "{{method}} {{status}}"
        ),
        unit="reqps",
        alert="HighErrorRate",
        see="http",
    ),
]
# Two lines of tiles, beside the alerts.
SMALL = {"gridPos": {"w": 4, "h": 3}}
BESIDE = {"gridPos": {"w": 8, "h": 6}}
SMALL_TILES = [tile | SMALL for tile in TILES]
BOARD = dashboard(
    "overview",
    "Overview",
    "Availability, latency and usage: key figures, alerts, and the six queries of the monitoring "
    "guide.",
    [*SMALL_TILES[:4], ALERTS | BESIDE, *SMALL_TILES[4:], *GUIDE],
)
