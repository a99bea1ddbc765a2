"""The database as the application sees it: queries, errors and connection pools."""

from grafana.dashboard import dashboard, processes
from grafana.panels import heatmap, stat, timeseries
from grafana.queries import PROCESS, RATE, buckets, percentiles, quantile, rate, ratio
from grafana.shapes import Link, Query, Row, Step
from grafana.thresholds import RED_FROM_1

QUERIES = "django_db_query_total"
ERRORS = "django_db_errors_total"
TIME = "django_db_query_duration_seconds"
IN_USE = f"db_pool_in_use{{{PROCESS}}}"
LIMIT = f"db_pool_limit{{{PROCESS}}}"
WAITING = f"db_pool_waiting{{{PROCESS}}}"
WEB = f'job="web",{PROCESS}'
EACH = "{{job}} {{instance}}"

TILES = [
    stat(
        "Queries",
        "Queries per second of all processes.",
        rate(QUERIES, PROCESS, window="[5m]"),
        unit="ops",
        alert="HighDatabaseQueryRate",
    ),
    stat(
        "Queries per request",
        "Queries of web processes per HTTP request. A sudden rise indicates N+1 queries.",
        ratio(
            rate(QUERIES, WEB, window="[5m]"),
            rate("django_http_requests_total_by_method", PROCESS, window="[5m]"),
        ),
        empty="No requests",
        see="http",
    ),
    stat(
        "Query duration, p95",
        "95th percentile of the query duration.",
        quantile(0.95, TIME, PROCESS),
        unit="s",
        empty="No queries",
    ),
    stat(
        "Query errors",
        "Queries that raised an error, including constraint violations.",
        f"{rate(ERRORS, PROCESS, window='[5m]')} or vector(0)",
        unit="ops",
    ),
    stat(
        "Pool usage",
        "Connections in use, as a share of the pool limit, in the busiest process.",
        f"max({ratio(IN_USE, LIMIT)})",
        unit="percentunit",
        steps=[Step(None, "green"), Step(0.8, "orange"), Step(1, "red")],
        empty="No pool",
    ),
    stat(
        "Waiting for the pool",
        "Threads that wait for a connection of their pool.",
        f"sum({WAITING})",
        alert="DatabasePoolExhausted",
        see="redis-postgres",
    ),
    stat(
        "Cache hits",
        "Share of cache reads that found a value. The cache also holds sessions.",
        ratio(
            rate("django_cache_get_hits_total", PROCESS, window="[5m]"),
            rate("django_cache_get_total", PROCESS, window="[5m]"),
        ),
        unit="percentunit",
        steps=[Step(None, "text")],  # a cache without hits works correctly
        empty="No reads",
    ),
    stat(
        "Migrations due",
        "Migrations of the code that are not applied to the database.",
        "max(django_migrations_unapplied_total)",
        steps=RED_FROM_1,
    ),
]
DURATIONS = [
    timeseries(
        "Queries by process",
        "Executed statements; a bulk statement counts once. The alert uses the sum of all "
        "processes.",
        Query(f"rate({QUERIES}{{{PROCESS}}}{RATE})", EACH),
        unit="ops",
        alert="HighDatabaseQueryRate",
        stacked=True,
        see=Link("database", {"instance": "instance"}),
    ),
    timeseries(
        "Query duration",
        "Median, 95th and 99th percentile of the query duration.",
        *percentiles(TIME, PROCESS),
        unit="s",
        empty="No queries",
    ),
    heatmap(
        "Query duration heatmap",
        "Number of queries by duration.",
        Query(buckets(TIME, PROCESS), "{{le}}"),
        unit="s",
    ),
]
CONNECTIONS = [
    timeseries(
        "Pool connections",
        "Connections in use, open and allowed, by process.",
        Query(IN_USE, f"in use, {EACH}"),
        Query(f"db_pool_size{{{PROCESS}}}", f"open, {EACH}"),
        limit=Query(LIMIT, f"limit, {EACH}"),
        see="redis-postgres",
    ),
    timeseries(
        "Pool waits and timeouts",
        "Threads waiting for a connection, and timeouts within 5 minutes. The pool is too small, "
        "or transactions take too long.",
        Query(WAITING, f"waiting, {EACH}"),
        Query(f"round(increase(db_pool_timeouts_total{{{PROCESS}}}[5m]))", f"timeouts, {EACH}"),
        alert="DatabasePoolExhausted",
        see="redis-postgres",
    ),
    timeseries(
        "Connections acquired",
        "Connections acquired by requests and tasks, usually from the pool.",
        Query(f"rate(django_db_new_connections_total{{{PROCESS}}}{RATE})", EACH),
        unit="cps",
    ),
]
ERRORS_AND_CACHE = [
    timeseries(
        "Query errors by type",
        "Queries that raised an error, by exception.",
        Query(rate(ERRORS, PROCESS, by="type"), "{{type}}"),
        unit="ops",
        bars=True,
        empty="No query errors",
        see="logs",
    ),
    timeseries(
        "Failed connection attempts",
        "Attempts that the database rejected or did not answer.",
        Query(f"rate(django_db_new_connection_errors_total{{{PROCESS}}}{RATE})", EACH),
        unit="cps",
        bars=True,
        empty="No failed attempts",
        see="redis-postgres",
    ),
    timeseries(
        "Cache reads",
        "Hits, misses and errors, by backend.",
        *(
            Query(
                rate(f"django_cache_get_{name}_total", PROCESS, by="backend"),
                f"{legend}, {{{{backend}}}}",
            )
            for name, legend in (("hits", "hits"), ("misses", "misses"), ("fail", "errors"))
        ),
        unit="ops",
    ),
]
BOARD = dashboard(
    "database",
    "Database",
    "The database as seen by web and worker. Redis and Postgres has the metrics of the server.",
    [*TILES, *DURATIONS],
    rows=[Row("Connections", CONNECTIONS), Row("Errors and cache", ERRORS_AND_CACHE)],
    variables=processes("web|worker"),
)
