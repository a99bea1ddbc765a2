"""Redis and Postgres as their own exporters see them."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries, works
from grafana.queries import RATE, READY
from grafana.shapes import Json, Query, Step
from grafana.steps import FULL

OURS = 'datname!~"template.*|"'


def board() -> Json:
    return dashboard(
        "redis-postgres",
        "Redis and Postgres",
        "The two servers that everything rests on, by redis_exporter and postgres_exporter.",
        [*tiles(), row("Postgres"), *postgres(), row("Redis"), *redis()],
    )


def tiles() -> list[Json]:
    return [
        works(
            "Readiness",
            "Whether the application reaches both. DatabaseDown pages when twice it does not.",
            READY,
            yes="ready",
            no="not ready",
            empty="not probed",
        ),
        works(
            "Postgres", "Whether the exporter reaches Postgres.", Query("min(pg_up)", "Postgres")
        ),
        stat(
            "Connections used",
            "Postgres' connections, of those it allows.",
            Query("sum(pg_stat_database_numbackends) / max(pg_settings_max_connections)", "used"),
            unit="percentunit",
            steps=FULL,
        ),
        stat(
            "Longest transaction",
            "How long the oldest open transaction has been running. It holds locks, and keeps "
            "dead rows from being cleaned away.",
            Query("max(pg_stat_activity_max_tx_duration)", "longest"),
            unit="s",
            steps=[Step(None, "green"), Step(30, "orange"), Step(300, "red")],
        ),
        works("Redis", "Whether the exporter reaches Redis.", Query("min(redis_up)", "Redis")),
        stat(
            "Redis memory used",
            "Of maxmemory; when it is used up, writes fail, as nothing here may be evicted.",
            Query("max(redis_memory_used_bytes / (redis_memory_max_bytes > 0))", "used"),
            unit="percentunit",
            steps=FULL,
            empty="no limit",
        ),
        stat(
            "Redis, slowest command",
            "Mean time of the command that takes longest.",
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
            "Idle in transaction: a transaction is open while its process does something else.",
            Query("sum by (state) (pg_stat_activity_count)", "{{state}}"),
            limit=Query("max(pg_settings_max_connections)", "allowed"),
            unit="short",
            colors={"idle in transaction": "orange"},
        ),
        timeseries(
            "Transactions",
            "Committed and rolled back.",
            Query(f"sum(rate(pg_stat_database_xact_commit{{{OURS}}}{RATE}))", "committed"),
            Query(f"sum(rate(pg_stat_database_xact_rollback{{{OURS}}}{RATE}))", "rolled back"),
            unit="ops",
            colors={"rolled back": "orange"},
        ),
        timeseries(
            "Rows",
            "Rows handed out, and written.",
            *(
                Query(f"sum(rate(pg_stat_database_tup_{name}{{{OURS}}}{RATE}))", name)
                for name in ("fetched", "inserted", "updated", "deleted")
            ),
            unit="ops",
        ),
        timeseries(
            "Read from memory",
            "Blocks found in Postgres' own cache, of those asked for.",
            Query(
                f"sum(rate(pg_stat_database_blks_hit{{{OURS}}}{RATE}))"
                f" / (sum(rate(pg_stat_database_blks_hit{{{OURS}}}{RATE}))"
                f" + sum(rate(pg_stat_database_blks_read{{{OURS}}}{RATE})))",
                "from memory",
            ),
            unit="percentunit",
            maximum=1,
        ),
        timeseries(
            "Locks and deadlocks",
            "Locks held, by mode, and deadlocks within five minutes.",
            Query("sum by (mode) (pg_locks_count) > 0", "{{mode}}"),
            Query(f"sum(increase(pg_stat_database_deadlocks{{{OURS}}}[5m]))", "deadlocks"),
            unit="short",
            colors={"deadlocks": "red"},
        ),
        timeseries(
            "Size",
            "Databases on disk.",
            Query(f"sum by (datname) (pg_database_size_bytes{{{OURS}}})", "{{datname}}"),
            unit="bytes",
        ),
    ]


def redis() -> list[Json]:
    return [
        timeseries(
            "Commands",
            "Commands by name, the ten most frequent.",
            Query(f"topk(10, sum by (cmd) (rate(redis_commands_total{RATE})))", "{{cmd}}"),
            unit="ops",
        ),
        timeseries(
            "Memory",
            "Used, taken from the system, and allowed where there is a limit.",
            Query("sum(redis_memory_used_bytes)", "used"),
            Query("sum(redis_memory_used_rss_bytes)", "of the system"),
            limit=Query("sum(redis_memory_max_bytes > 0)", "allowed"),
            unit="bytes",
        ),
        timeseries(
            "Clients",
            "Connections, those that wait in a blocking command, and those refused in five "
            "minutes. Workers and web processes block while they wait for messages.",
            Query("sum(redis_connected_clients)", "connected"),
            Query("sum(redis_blocked_clients)", "blocked"),
            Query("sum(increase(redis_rejected_connections_total[5m]))", "refused"),
            unit="short",
            colors={"refused": "red"},
        ),
    ]
