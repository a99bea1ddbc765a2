"""Is it up, is it quick, is it used? The six queries of MONITORING.md as it has them.

It has no variables: those queries choose nothing, and what only the tiles obeyed would mislead.
"""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries, works
from grafana.queries import FIRING, PAYMENTS_SUCCEED, READY
from grafana.shapes import Json, Query
from grafana.steps import LEFT, NONE


def board() -> Json:
    return dashboard(
        "overview",
        "Overview",
        "Is it up, is it quick, is it used? The six queries of the monitoring guide, then tiles.",
        [*the_guides(), row("At a glance"), *tiles()],
    )


def the_guides() -> list[Json]:
    return [
        timeseries(
            "Active WebSocket connections",
            "Sockets open now, counted where they begin and end, by tournament.",
            Query("sum(ws_connections_active) by (tournament_id)", "tournament {{tournament_id}}"),
            unit="short",
            see="websocket",
        ),
        timeseries(
            "WebSocket message rate",
            "Messages that clients send, by type.",
            Query(
                "rate(ws_messages_received_total[5m])",
                "{{message_type}}, tournament {{tournament_id}}",
            ),
            unit="msg/s",
            see="websocket",
        ),
        timeseries(
            "HTTP request rate",
            "Requests by method and status. Probes and scrapes are not traffic.",
            Query("rate(django_http_requests_total_by_method[5m])", "{{method}} {{status}}"),
            unit="reqps",
            see="http",
        ),
        timeseries(
            "95th percentile request latency",
            "One request in twenty takes longer; by process.",
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
            "Queries of each process; the alert adds them up.",
            Query("rate(django_db_query_total[5m])", "{{alias}} ({{vendor}}), {{instance}}"),
            unit="ops",
            alert="HighDatabaseQueryRate",
            see="database",
        ),
        timeseries(
            "Error rate (HTTP 5xx)",
            "Requests that failed by our fault; the alert adds them up.",
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
        works(
            "Readiness",
            "What /readiness answers: the database, Redis and the channel layer work.",
            READY,
            yes="ready",
            no="not ready",
            empty="not probed",
        ),
        stat(
            "Alerts that fire",
            "Alerts that fire now, without the Watchdog, which always does.",
            FIRING,
            unit="short",
            width=3,
            steps=NONE,
            see="monitoring",
        ),
        stat(
            "Budget left, worst journey",
            "What is left of the error budget of 30 days where least is left; 100 % is all of it.",
            Query("min(journey:error_budget:remaining)", "budget left"),
            unit="percentunit",
            width=3,
            steps=LEFT,
            see="slo",
        ),
        stat(
            "Requests",
            "Requests answered, over all processes.",
            Query("sum(rate(django_http_requests_total_by_method[5m]))", "requests"),
            unit="reqps",
            width=3,
            see="http",
        ),
        stat(
            "Open sockets",
            "WebSocket connections open now.",
            Query("sum(ws_connections_active)", "sockets"),
            unit="short",
            width=3,
            see="websocket",
        ),
        stat(
            "Tasks waiting",
            "Celery tasks that no worker has taken yet.",
            Query("max(celery_queue_length)", "waiting"),
            unit="short",
            width=3,
            see="celery",
        ),
        stat(
            "Payments that succeed",
            "Of the payments that came to an end within an hour, how many succeeded.",
            PAYMENTS_SUCCEED,
            unit="percentunit",
            width=3,
            empty="none paid",
            see="business",
        ),
        stat(
            "Release",
            "What runs: SENTRY_RELEASE of the processes. Two names are a deploy under way.",
            Query("sum by (release) (app_build_info)", "{{release}}"),
            unit="short",
            width=3,
            names=True,
        ),
    ]
