"""Redis and Postgres, by their exporters."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, status, timeseries
from grafana.queries import RATE, READY
from grafana.shapes import Json, Query, Step
from grafana.thresholds import USAGE

DATABASES = 'datname!~"template.*|"'


def board() -> Json:
    return dashboard(
        "redis-postgres",
        "Redis and Postgres",
        "Metrics of the two servers, by redis_exporter and postgres_exporter.",
        [*tiles(), row("Postgres"), *postgres(), row("Redis"), *redis()],
    )


def tiles() -> list[Json]:
    return [
        status(
            "Readiness",
            "Whether the application reaches both. DatabaseDown (critical) fires after two "
            "failures.",
            READY,
            yes="ready",
            no="not ready",
            empty="not probed",
        ),
        status(
            "Postgres", "Whether the exporter reaches Postgres.", Query("min(pg_up)", "Postgres")
        ),
        stat(
            "Connection usage",
            "Postgres connections, as a share of max_connections.",
            Query("sum(pg_stat_database_numbackends) / max(pg_settings_max_connections)", "used"),
            unit="percentunit",
            steps=USAGE,
        ),
        stat(
            "Longest transaction",
            "Age of the oldest open transaction. It holds locks and prevents the cleanup of dead "
            "rows.",
            Query("max(pg_stat_activity_max_tx_duration)", "longest"),
            unit="s",
            steps=[Step(None, "green"), Step(30, "orange"), Step(300, "red")],
        ),
        status("Redis", "Whether the exporter reaches Redis.", Query("min(redis_up)", "Redis")),
        stat(
            "Redis memory usage",
            "Share of maxmemory. At 100 % writes fail, because eviction is disabled.",
            Query("max(redis_memory_used_bytes / (redis_memory_max_bytes > 0))", "used"),
            unit="percentunit",
            steps=USAGE,
            empty="no limit",
        ),
        stat(
            "Slowest command",
            "Mean duration of the slowest command.",
            Query(
                f"max(rate(redis_commands_duration_seconds_total{RATE})"
                f" / (rate(redis_commands_total{RATE}) > 0))",
                "slowest",
            ),
            unit="s",
            width=3,
        ),
    ]


def postgres() -> list[Json]:
    return [
        timeseries(
            "Connections by state",
            'Postgres connections by state. "idle in transaction" keeps a transaction open.',
            Query("sum by (state) (pg_stat_activity_count)", "{{state}}"),
            limit=Query("max(pg_settings_max_connections)", "limit"),
            colors={"idle in transaction": "orange"},
        ),
        timeseries(
            "Transactions",
            "Committed and rolled back transactions.",
            Query(f"sum(rate(pg_stat_database_xact_commit{{{DATABASES}}}{RATE}))", "committed"),
            Query(f"sum(rate(pg_stat_database_xact_rollback{{{DATABASES}}}{RATE}))", "rolled back"),
            unit="ops",
            colors={"rolled back": "orange"},
        ),
        timeseries(
            "Rows",
            "Rows fetched and written.",
            *(
                Query(f"sum(rate(pg_stat_database_tup_{name}{{{DATABASES}}}{RATE}))", name)
                for name in ("fetched", "inserted", "updated", "deleted")
            ),
            unit="ops",
        ),
        timeseries(
            "Buffer cache hit ratio",
            "Share of block reads served from shared buffers.",
            Query(
                f"sum(rate(pg_stat_database_blks_hit{{{DATABASES}}}{RATE}))"
                f" / (sum(rate(pg_stat_database_blks_hit{{{DATABASES}}}{RATE}))"
                f" + sum(rate(pg_stat_database_blks_read{{{DATABASES}}}{RATE})))",
                "hit ratio",
            ),
            unit="percentunit",
            maximum=1,
        ),
        timeseries(
            "Locks and deadlocks",
            "Locks by mode, and deadlocks within 5 minutes.",
            Query("sum by (mode) (pg_locks_count) > 0", "{{mode}}"),
            Query(f"sum(increase(pg_stat_database_deadlocks{{{DATABASES}}}[5m]))", "deadlocks"),
            colors={"deadlocks": "red"},
        ),
        timeseries(
            "Database size",
            "Size of each database on disk.",
            Query(f"sum by (datname) (pg_database_size_bytes{{{DATABASES}}})", "{{datname}}"),
            unit="bytes",
        ),
    ]


def redis() -> list[Json]:
    return [
        timeseries(
            "Commands",
            "The ten most frequent commands.",
            Query(f"topk(10, sum by (cmd) (rate(redis_commands_total{RATE})))", "{{cmd}}"),
            unit="ops",
        ),
        timeseries(
            "Redis memory",
            "Memory used, resident and allowed.",
            Query("sum(redis_memory_used_bytes)", "used"),
            Query("sum(redis_memory_used_rss_bytes)", "resident"),
            limit=Query("sum(redis_memory_max_bytes > 0)", "limit"),
            unit="bytes",
        ),
        timeseries(
            "Clients",
            "Connected clients, blocked clients, and connections rejected within 5 minutes. "
            "Workers and web processes block while they wait for messages.",
            Query("sum(redis_connected_clients)", "connected"),
            Query("sum(redis_blocked_clients)", "blocked"),
            Query("sum(increase(redis_rejected_connections_total[5m]))", "rejected"),
            colors={"rejected": "red"},
        ),
    ]
