"""The database as the application sees it: queries, their time and errors, the pools."""

from grafana.dashboard import dashboard, instances, row
from grafana.panels import heatmap, stat, timeseries
from grafana.queries import RATE, percentiles, quantile, spread
from grafana.shapes import Json, Query, Step
from grafana.steps import NONE

TIME = "django_db_query_duration_seconds"
HERE = 'instance=~"$instance"'


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
            Query(f"sum(rate(django_db_query_total{{{HERE}}}[5m]))", "queries"),
            unit="ops",
            width=3,
            alert="HighDatabaseQueryRate",
        ),
        stat(
            "Queries per request",
            "Web's queries for each request that it answers. A jump is a loop that queries.",
            Query(
                f'sum(rate(django_db_query_total{{job="web",{HERE}}}[5m]))'
                f" / (sum(rate(django_http_requests_total_by_method{{{HERE}}}[5m])) > 0)",
                "queries per request",
            ),
            unit="short",
            width=3,
            empty="no requests",
        ),
        stat(
            "95th percentile",
            "One query in twenty takes longer.",
            Query(quantile(0.95, TIME, HERE), "p95"),
            unit="s",
            width=3,
        ),
        stat(
            "Errors",
            "Queries that the database refused, duplicates that a constraint catches included.",
            Query(f"sum(rate(django_db_errors_total{{{HERE}}}[5m]))", "errors"),
            unit="ops",
            width=3,
        ),
        stat(
            "Fullest pool",
            "Connections in use, of those that the process may have, where it is tightest.",
            Query(f"max(db_pool_in_use{{{HERE}}} / (db_pool_limit{{{HERE}}} > 0))", "in use"),
            unit="percentunit",
            width=3,
            steps=[Step(None, "green"), Step(0.8, "orange"), Step(1, "red")],
        ),
        stat(
            "Waiting for a connection",
            "Threads that wait for a connection of their process's pool.",
            Query(f"sum(db_pool_waiting{{{HERE}}})", "waiting"),
            unit="short",
            width=3,
            alert="DatabasePoolExhausted",
        ),
        stat(
            "Cache hits",
            "Of the reads of the cache, those that found something. Sessions are in it.",
            Query(
                f"sum(rate(django_cache_get_hits_total{{{HERE}}}[5m]))"
                f" / (sum(rate(django_cache_get_total{{{HERE}}}[5m])) > 0)",
                "hits",
            ),
            unit="percentunit",
            width=3,
            empty="no reads",
        ),
        stat(
            "Migrations to come",
            "Migrations of the code that the database does not have yet.",
            Query("max(django_migrations_unapplied_total)", "not applied"),
            unit="short",
            width=3,
            steps=NONE,
        ),
    ]


def queries() -> list[Json]:
    return [
        timeseries(
            "Queries by process",
            "Statements executed, bulk ones as one; the alert adds the processes up.",
            Query(f"rate(django_db_query_total{{{HERE}}}{RATE})", "{{job}} {{instance}}"),
            unit="ops",
            alert="HighDatabaseQueryRate",
            stacked=True,
        ),
        timeseries(
            "Query time",
            "How long half, 95 % and 99 % of the queries take at most.",
            *percentiles(TIME, HERE),
            unit="s",
        ),
        heatmap(
            "Query time, all queries",
            "How many queries took how long.",
            Query(spread(TIME, HERE), "{{le}}"),
            unit="s",
        ),
    ]


def connections() -> list[Json]:
    return [
        timeseries(
            "Connections of the pools",
            "In use, open and allowed, by process.",
            Query(f"db_pool_in_use{{{HERE}}}", "in use, {{job}} {{instance}}"),
            Query(f"db_pool_size{{{HERE}}}", "open, {{job}} {{instance}}"),
            limit=Query(f"db_pool_limit{{{HERE}}}", "limit, {{job}} {{instance}}"),
            unit="short",
        ),
        timeseries(
            "Waiting for a connection",
            "Threads in the pool's queue, and those that gave up within five minutes: too few "
            "connections, or transactions that take too long.",
            Query(f"db_pool_waiting{{{HERE}}}", "waiting, {{job}} {{instance}}"),
            Query(
                f"round(increase(db_pool_timeouts_total{{{HERE}}}[5m]))",
                "gave up, {{job}} {{instance}}",
            ),
            unit="short",
            colors={"/^gave up/": "orange"},
            alert="DatabasePoolExhausted",
        ),
        timeseries(
            "Connections taken",
            "How often a request or task was given a connection, mostly one of its pool's.",
            Query(f"rate(django_db_new_connections_total{{{HERE}}}{RATE})", "{{job}} {{instance}}"),
            unit="cps",
        ),
    ]


def faults() -> list[Json]:
    return [
        timeseries(
            "Errors by type",
            "Queries that the database refused, by the exception that came of it.",
            Query(f"sum by (type) (rate(django_db_errors_total{{{HERE}}}{RATE}))", "{{type}}"),
            unit="ops",
            bars=True,
            stacked=True,
        ),
        timeseries(
            "Connections that failed",
            "Attempts that the database refused or did not answer. Nothing shown is none.",
            Query(
                f"rate(django_db_new_connection_errors_total{{{HERE}}}{RATE})",
                "{{job}} {{instance}}",
            ),
            unit="cps",
            bars=True,
        ),
        timeseries(
            "Reads of the cache",
            "Found, not found and failed, by backend.",
            *(
                Query(
                    f"sum by (backend) (rate(django_cache_get_{name}_total{{{HERE}}}{RATE}))",
                    f"{name}, {{{{backend}}}}",
                )
                for name in ("hits", "misses", "fail")
            ),
            unit="ops",
            colors={"/^fail/": "red"},
        ),
    ]
