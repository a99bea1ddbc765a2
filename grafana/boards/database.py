"""The database as the application sees it: queries, errors and connection pools."""

from grafana.dashboard import dashboard, instances, row
from grafana.panels import heatmap, stat, timeseries
from grafana.queries import RATE, buckets, percentiles, quantile
from grafana.shapes import Json, Query, Step
from grafana.thresholds import RED_FROM_1

TIME = "django_db_query_duration_seconds"
INSTANCE = 'instance=~"$instance"'


def board() -> Json:
    return dashboard(
        "database",
        "Database",
        "The database as seen by web and worker. Redis and Postgres has the metrics of the server.",
        [
            *tiles(),
            *queries(),
            row("Connections"),
            *connections(),
            row("Errors and cache"),
            *errors(),
        ],
        [instances("web|worker")],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Queries",
            "Queries per second of all processes.",
            Query(f"sum(rate(django_db_query_total{{{INSTANCE}}}[5m]))", "queries"),
            unit="ops",
            width=3,
            alert="HighDatabaseQueryRate",
        ),
        stat(
            "Queries/request",
            "Queries of web processes per HTTP request. A sudden rise indicates N+1 queries.",
            Query(
                f'sum(rate(django_db_query_total{{job="web",{INSTANCE}}}[5m]))'
                f" / (sum(rate(django_http_requests_total_by_method{{{INSTANCE}}}[5m])) > 0)",
                "queries per request",
            ),
            width=3,
            empty="no requests",
        ),
        stat(
            "Query p95",
            "95th percentile of the query duration.",
            Query(quantile(0.95, TIME, INSTANCE), "p95"),
            unit="s",
            width=3,
        ),
        stat(
            "Query errors",
            "Queries that raised an error, including constraint violations.",
            Query(f"sum(rate(django_db_errors_total{{{INSTANCE}}}[5m]))", "errors"),
            unit="ops",
            width=3,
        ),
        stat(
            "Pool usage",
            "Connections in use, as a share of the pool limit, in the busiest process.",
            Query(
                f"max(db_pool_in_use{{{INSTANCE}}} / (db_pool_limit{{{INSTANCE}}} > 0))", "in use"
            ),
            unit="percentunit",
            width=3,
            steps=[Step(None, "green"), Step(0.8, "orange"), Step(1, "red")],
        ),
        stat(
            "Pool waiting",
            "Threads that wait for a connection of their pool.",
            Query(f"sum(db_pool_waiting{{{INSTANCE}}})", "waiting"),
            width=3,
            alert="DatabasePoolExhausted",
        ),
        stat(
            "Cache hit ratio",
            "Share of cache reads that found a value. The cache also holds sessions.",
            Query(
                f"sum(rate(django_cache_get_hits_total{{{INSTANCE}}}[5m]))"
                f" / (sum(rate(django_cache_get_total{{{INSTANCE}}}[5m])) > 0)",
                "hits",
            ),
            unit="percentunit",
            width=3,
            empty="no reads",
        ),
        stat(
            "Migrations due",
            "Migrations of the code that are not applied to the database.",
            Query("max(django_migrations_unapplied_total)", "unapplied"),
            width=3,
            steps=RED_FROM_1,
        ),
    ]


def queries() -> list[Json]:
    return [
        timeseries(
            "Queries by process",
            "Executed statements; a bulk statement counts once. The alert uses the sum of all "
            "processes.",
            Query(f"rate(django_db_query_total{{{INSTANCE}}}{RATE})", "{{job}} {{instance}}"),
            unit="ops",
            alert="HighDatabaseQueryRate",
            stacked=True,
        ),
        timeseries(
            "Query duration",
            "Median, 95th and 99th percentile of the query duration.",
            *percentiles(TIME, INSTANCE),
            unit="s",
        ),
        heatmap(
            "Query duration heatmap",
            "Number of queries by duration.",
            Query(buckets(TIME, INSTANCE), "{{le}}"),
            unit="s",
        ),
    ]


def connections() -> list[Json]:
    return [
        timeseries(
            "Pool connections",
            "Connections in use, open and allowed, by process.",
            Query(f"db_pool_in_use{{{INSTANCE}}}", "in use, {{job}} {{instance}}"),
            Query(f"db_pool_size{{{INSTANCE}}}", "open, {{job}} {{instance}}"),
            limit=Query(f"db_pool_limit{{{INSTANCE}}}", "limit, {{job}} {{instance}}"),
        ),
        timeseries(
            "Pool waits and timeouts",
            "Threads waiting for a connection, and timeouts within 5 minutes. The pool is too "
            "small, or transactions take too long.",
            Query(f"db_pool_waiting{{{INSTANCE}}}", "waiting, {{job}} {{instance}}"),
            Query(
                f"round(increase(db_pool_timeouts_total{{{INSTANCE}}}[5m]))",
                "timeouts, {{job}} {{instance}}",
            ),
            colors={"/^gave up/": "orange"},
            alert="DatabasePoolExhausted",
        ),
        timeseries(
            "Connections acquired",
            "Connections acquired by requests and tasks, usually from the pool.",
            Query(
                f"rate(django_db_new_connections_total{{{INSTANCE}}}{RATE})", "{{job}} {{instance}}"
            ),
            unit="cps",
        ),
    ]


def errors() -> list[Json]:
    return [
        timeseries(
            "Query errors by type",
            "Queries that raised an error, by exception.",
            Query(f"sum by (type) (rate(django_db_errors_total{{{INSTANCE}}}{RATE}))", "{{type}}"),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Failed connection attempts",
            "Attempts that the database rejected or did not answer. No data means none.",
            Query(
                f"rate(django_db_new_connection_errors_total{{{INSTANCE}}}{RATE})",
                "{{job}} {{instance}}",
            ),
            unit="cps",
            bars=True,
        ),
        timeseries(
            "Cache reads",
            "Hits, misses and failures, by backend.",
            *(
                Query(
                    f"sum by (backend) (rate(django_cache_get_{name}_total{{{INSTANCE}}}{RATE}))",
                    f"{name}, {{{{backend}}}}",
                )
                for name in ("hits", "misses", "fail")
            ),
            unit="ops",
            colors={"/^fail/": "red"},
        ),
    ]
