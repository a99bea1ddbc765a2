"""The database as the application sees it: queries, their time and errors, the pools."""

from grafana.dashboard import dashboard, instances, row
from grafana.panels import heatmap, stat, timeseries
from grafana.shapes import Json, Query, Step


def board() -> Json:
    return dashboard(
        "database",
        "Database",
        "The database as web and worker see it; its own figures are in Redis and Postgres.",
        [
            *tiles(),
            *queries(),
            row("Connections"),
            *connections(),
            row("What goes wrong"),
            *faults(),
        ],
        [instances("web|worker")],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Queries",
            "Queries of all processes.",
            Query('sum(rate(django_db_query_total{instance=~"$instance"}[5m]))', "queries"),
            unit="ops",
            alert="HighDatabaseQueryRate",
        ),
        stat(
            "Queries per request",
            "Web's queries for each request that it answers. A jump is a loop that queries.",
            Query(
                'sum(rate(django_db_query_total{job="web",instance=~"$instance"}[5m]))'
                " / (sum(rate(django_http_requests_total_by_method"
                '{instance=~"$instance"}[5m])) > 0)',
                "queries per request",
            ),
            unit="short",
            empty="no requests",
        ),
        stat(
            "95th percentile",
            "One query in twenty takes longer.",
            Query(_quantile(0.95), "p95", exemplars=True),
            unit="s",
        ),
        stat(
            "Errors",
            "Queries that the database refused, duplicates that a constraint catches included.",
            Query(
                'sum(rate(django_db_errors_total{instance=~"$instance"}[5m])) or vector(0)',
                "errors",
            ),
            unit="ops",
        ),
        stat(
            "Fullest pool",
            "Connections in use, of those that the process may have, where it is tightest.",
            Query(
                'max(db_pool_in_use{instance=~"$instance"}'
                ' / (db_pool_limit{instance=~"$instance"} > 0))',
                "in use",
            ),
            unit="percentunit",
            steps=[Step(None, "green"), Step(0.8, "orange"), Step(1, "red")],
        ),
        stat(
            "Waiting for a connection",
            "Threads that wait for a connection of their process's pool.",
            Query('sum(db_pool_waiting{instance=~"$instance"})', "waiting"),
            unit="short",
            steps=[Step(None, "green"), Step(1, "orange")],
        ),
    ]


def queries() -> list[Json]:
    return [
        timeseries(
            "Queries by process",
            "Statements executed, bulk ones as one; the alert adds the processes up.",
            Query(
                'rate(django_db_query_total{instance=~"$instance"}[$__rate_interval])',
                "{{job}} {{instance}}",
            ),
            unit="ops",
            alert="HighDatabaseQueryRate",
            stacked=True,
        ),
        timeseries(
            "Query time",
            "How long half, 95 % and 99 % of the queries take at most.",
            Query(_quantile(0.5), "p50", exemplars=True),
            Query(_quantile(0.95), "p95", exemplars=True),
            Query(_quantile(0.99), "p99", exemplars=True),
            unit="s",
        ),
        heatmap(
            "Query time, all queries",
            "How many queries took how long.",
            Query(
                "sum by (le) (increase(django_db_query_duration_seconds_bucket"
                '{instance=~"$instance"}[$__rate_interval]))',
                "{{le}}",
                exemplars=True,
            ),
            unit="s",
        ),
    ]


def connections() -> list[Json]:
    return [
        timeseries(
            "Connections of the pools",
            "In use, open and allowed, by process.",
            Query('db_pool_in_use{instance=~"$instance"}', "in use, {{job}} {{instance}}"),
            Query('db_pool_size{instance=~"$instance"}', "open, {{job}} {{instance}}"),
            Query('db_pool_limit{instance=~"$instance"}', "limit, {{job}} {{instance}}"),
            unit="short",
            colors={"/^limit/": "red"},
        ),
        timeseries(
            "Waiting for a connection",
            "Threads in the pool's queue. More than none for longer: too few connections, or "
            "transactions that take too long.",
            Query('db_pool_waiting{instance=~"$instance"}', "{{job}} {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Connections taken",
            "How often a request or task was given a connection, mostly one of its pool's.",
            Query(
                'rate(django_db_new_connections_total{instance=~"$instance"}[$__rate_interval])',
                "{{job}} {{instance}}",
            ),
            unit="cps",
        ),
    ]


def faults() -> list[Json]:
    return [
        timeseries(
            "Errors by type",
            "Queries that the database refused, by the exception that came of it.",
            Query(
                "sum by (type) (rate("
                'django_db_errors_total{instance=~"$instance"}[$__rate_interval]))',
                "{{type}}",
            ),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Connections that failed",
            "Attempts that the database refused or did not answer. Nothing shown is none.",
            Query(
                "sum by (job, instance) (rate(django_db_new_connection_errors_total"
                '{instance=~"$instance"}[$__rate_interval]))',
                "{{job}} {{instance}}",
            ),
            unit="cps",
            bars=True,
        ),
        timeseries(
            "Waits that were given up",
            "Requests for a connection that got none in time, and failed.",
            Query(
                'rate(db_pool_timeouts_total{instance=~"$instance"}[$__rate_interval])',
                "{{job}} {{instance}}",
            ),
            unit="ops",
            bars=True,
        ),
    ]


def _quantile(q: float) -> str:
    return (
        f"histogram_quantile({q}, sum by (le) (rate("
        'django_db_query_duration_seconds_bucket{instance=~"$instance"}[5m])))'
    )
