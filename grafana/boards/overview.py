"""Overview: the six queries of MONITORING.md, unchanged, and key figures.

It has no variables, because the queries of the guide have none to filter by.
"""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, status, timeseries
from grafana.queries import FIRING, PAYMENTS_SUCCEED, READY
from grafana.shapes import Json, Query
from grafana.thresholds import RED_FROM_1, REMAINING


def board() -> Json:
    return dashboard(
        "overview",
        "Overview",
        "Availability, latency and usage: the six queries of the monitoring guide, then the key "
        "figures.",
        [*guide_queries(), row("Key figures"), *tiles()],
    )


def guide_queries() -> list[Json]:
    return [
        timeseries(
            "Active WebSocket connections",
            "Open WebSocket connections, by tournament.",
            Query("sum(ws_connections_active) by (tournament_id)", "tournament {{tournament_id}}"),
            see="websocket",
        ),
        timeseries(
            "WebSocket message rate",
            "Messages received from clients, by type.",
            Query(
                "rate(ws_messages_received_total[5m])",
                "{{message_type}}, tournament {{tournament_id}}",
            ),
            unit="msg/s",
            see="websocket",
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
            see="http",
        ),
        timeseries(
            "Database query rate",
            "Queries by process. The alert uses the sum.",
            Query("rate(django_db_query_total[5m])", "{{alias}} ({{vendor}}), {{instance}}"),
            unit="ops",
            alert="HighDatabaseQueryRate",
            see="database",
        ),
        timeseries(
            "Error rate (HTTP 5xx)",
            "Requests with a 5xx status. The alert uses the sum.",
            Query(
                'rate(django_http_requests_total_by_method{status=~"5.."}[5m])',
                "{{method}} {{status}}",
            ),
            unit="reqps",
            alert="HighErrorRate",
            see="http",
        ),
    ]


def tiles() -> list[Json]:
    return [
        status(
            "Readiness",
            "Result of /readiness: database, Redis and channel layer respond.",
            READY,
            yes="ready",
            no="not ready",
            empty="not probed",
        ),
        stat(
            "Firing alerts",
            "Firing alerts, without the Watchdog.",
            FIRING,
            width=3,
            steps=RED_FROM_1,
            see="monitoring",
        ),
        stat(
            "Error budget",
            "Remaining 30-day error budget of the journey with the least left.",
            Query("min(journey:error_budget:remaining)", "remaining"),
            unit="percentunit",
            width=3,
            steps=REMAINING,
            see="slo",
        ),
        stat(
            "Requests",
            "Completed requests per second of all processes.",
            Query("sum(rate(django_http_requests_total_by_method[5m]))", "requests"),
            unit="reqps",
            width=3,
            see="http",
        ),
        stat(
            "WebSockets",
            "Open WebSocket connections.",
            Query("sum(ws_connections_active)", "connections"),
            width=3,
            see="websocket",
        ),
        stat(
            "Queued tasks",
            "Celery tasks that no worker has received.",
            Query("max(celery_queue_length)", "queued"),
            width=3,
            see="celery",
        ),
        stat(
            "Payments OK",
            "Share of the payments finished in the last hour that succeeded.",
            PAYMENTS_SUCCEED,
            unit="percentunit",
            width=3,
            empty="none paid",
            see="business",
        ),
        stat(
            "Release",
            "SENTRY_RELEASE of the running processes. Two values are a deploy in progress.",
            Query("sum by (release) (app_build_info)", "{{release}}"),
            width=3,
            show_name=True,
        ),
    ]
