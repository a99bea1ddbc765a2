"""Redis and Postgres, by their exporters."""

from grafana.dashboard import dashboard
from grafana.panels import UP_DOWN, stat, timeseries
from grafana.queries import RATE, READY, rate, ratio, top
from grafana.shapes import Query, Row, Step
from grafana.thresholds import UP, USAGE

DATABASES = 'datname!~"template.*|"'
BLOCKS_FOUND, BLOCKS_READ = (
    rate(f"pg_stat_database_blks_{name}", DATABASES) for name in ("hit", "read")
)
SECONDS_PER_COMMAND = ratio(
    f"rate(redis_commands_duration_seconds_total{RATE})", f"rate(redis_commands_total{RATE})"
)

TILES = [
    stat(
        "Readiness",
        "Whether the application reaches both. DatabaseDown (critical) fires after two failures.",
        READY,
        texts={"1": "ready", "0": "not ready"},
        steps=UP,
        see="monitoring",
    ),
    stat(
        "Postgres", "Whether the exporter reaches Postgres.", "min(pg_up)", texts=UP_DOWN, steps=UP
    ),
    stat("Redis", "Whether the exporter reaches Redis.", "min(redis_up)", texts=UP_DOWN, steps=UP),
    stat(
        "Connection usage",
        "Postgres connections, as a share of max_connections.",
        "sum(pg_stat_database_numbackends) / max(pg_settings_max_connections)",
        unit="percentunit",
        steps=USAGE,
        see="database",
    ),
    stat(
        "Longest transaction",
        "Age of the oldest open transaction. It holds locks and prevents the cleanup of dead rows.",
        "max(pg_stat_activity_max_tx_duration)",
        unit="s",
        steps=[Step(None, "green"), Step(30, "orange"), Step(300, "red")],
    ),
    stat(
        "Redis memory usage",
        "Share of maxmemory. At 100 % writes fail, because eviction is disabled.",
        f"max({ratio('redis_memory_used_bytes', 'redis_memory_max_bytes')})",
        unit="percentunit",
        steps=USAGE,
        empty="No limit",
    ),
    stat(
        "Slowest command",
        "Mean duration of the slowest command of Redis.",
        f"max({SECONDS_PER_COMMAND})",
        unit="s",
    ),
]
POSTGRES = [
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
        Query(rate("pg_stat_database_xact_commit", DATABASES), "committed"),
        Query(rate("pg_stat_database_xact_rollback", DATABASES), "rolled back"),
        unit="ops",
        colors={"rolled back": "orange"},
    ),
    timeseries(
        "Rows",
        "Rows fetched and written.",
        *(
            Query(rate(f"pg_stat_database_tup_{name}", DATABASES), name)
            for name in ("fetched", "inserted", "updated", "deleted")
        ),
        unit="ops",
    ),
    timeseries(
        "Buffer cache hit ratio",
        "Share of block reads served from shared buffers.",
        f"{BLOCKS_FOUND} / ({BLOCKS_FOUND} + {BLOCKS_READ})",
        unit="percentunit",
        maximum=1,
    ),
    timeseries(
        "Locks and deadlocks",
        "Locks by mode, and deadlocks within 5 minutes.",
        Query("sum by (mode) (pg_locks_count)", "{{mode}}"),
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
REDIS = [
    timeseries(
        "Commands",
        "The ten most frequent commands.",
        Query(top(rate("redis_commands_total", by="cmd")), "{{cmd}}"),
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
BOARD = dashboard(
    "redis-postgres",
    "Redis and Postgres",
    "Metrics of the two servers, by redis_exporter and postgres_exporter.",
    TILES,
    rows=[Row("Postgres", POSTGRES), Row("Redis", REDIS)],
)
