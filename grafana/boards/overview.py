"""Is it up, is it quick, is it used? The six queries of MONITORING.md as it has them."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.shapes import Json, Query, Step

BUDGET = [Step(None, "red"), Step(0.25, "orange"), Step(0.5, "green")]


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
        stat(
            "Readiness",
            "What /readiness answers: the database, Redis and the channel layer work.",
            Query('min(probe_success{instance=~".*/readiness"})', "readiness"),
            unit="short",
            width=3,
            words={"1": "ready", "0": "not ready"},
            steps=[Step(None, "red"), Step(1, "green")],
            empty="not probed",
        ),
        stat(
            "Alerts that fire",
            "Alerts that fire now, without the Watchdog, which always does.",
            Query(
                'count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)', "firing"
            ),
            unit="short",
            width=3,
            steps=[Step(None, "green"), Step(1, "red")],
            see="monitoring",
        ),
        stat(
            "Budget left, worst journey",
            "What is left of the error budget of 30 days where least is left; 100 % is all of it.",
            Query("min(journey:error_budget:remaining)", "budget left"),
            unit="percentunit",
            width=3,
            steps=BUDGET,
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
            Query(
                'sum(increase(payments_processed_total{status="SUCCESS"}[1h]))'
                " / (sum(increase(payments_processed_total[1h])) > 0)",
                "succeeded",
            ),
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
