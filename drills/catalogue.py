"""The drills: which fault raises which alerts, and within what time."""

from drills import faults
from drills.drill import Drill

DRILLS = (
    Drill(
        "database-stopped",
        faults.database_stopped,
        ("DatabaseDown",),
        'min(probe_success{instance=~".+/readiness"})',
        "Postgres hangs: SIGSTOP to its processes, connections stay open",
        lookback=360,
    ),
    Drill(
        "redis-frozen",
        faults.redis_frozen,
        ("DatabaseDown",),
        'min(probe_success{instance=~".+/readiness"})',
        "Redis hangs: SIGSTOP to its process, connections stay open",
        lookback=360,
    ),
    Drill(
        "worker-killed",
        faults.worker_killed,
        ("JobMissing",),
        'sum(up{job="worker"}) or vector(0)',
        "SIGKILL to the Celery worker",
    ),
    Drill(
        "views-raising",
        faults.views_raising,
        ("HighErrorRate", "JourneyBurnsFast"),
        'sum(rate(django_http_requests_total_by_method{status=~"5.."}[5m])) or vector(0)',
        "a column is renamed while the application runs: registrations fail with 500",
        lookback=300,
    ),
    Drill(
        "pool-exhausted",
        faults.pool_exhausted,
        ("DatabasePoolExhausted",),
        "max(db_pool_waiting)",
        "a transaction locks the session table: seven visitors need three connections",
        lookback=300,
    ),
    Drill(
        "payments-declined",
        faults.payments_declined,
        ("PaymentFailures",),
        'sum(increase(payments_processed_total{status="FAILED"}[1h]))',
        f"{faults.DECLINED_PAYMENTS} payments with a card that the provider declines",
        delete_samples='payments_processed_total{status="FAILED"}',
    ),
    Drill(
        "sockets-refused",
        faults.sockets_refused,
        ("WebSocketConnectionFailures",),
        "sum(increase(ws_connection_failures_total[1m]))",
        "ten WebSocket handshakes a second with the Origin of another site",
        lookback=60,
    ),
    Drill(
        "ledger-edited",
        faults.ledger_edited,
        ("LedgerImbalance",),
        "max(abs(ledger_imbalance_coins))",
        "SQL adds seven coins to a wallet; the ledger is checked once a minute",
        lag=60,
        lookback=60,
    ),
    Drill(
        "event-edited",
        faults.event_edited,
        ("AuditChainBroken",),
        "max(audit_broken_streams)",
        "SQL changes the data of an event; hash chains are verified once a minute",
        lag=60,
        lookback=60,
    ),
    Drill(
        "worker-stalled",
        faults.worker_stalled,
        ("CeleryStalled",),
        "max(celery_queue_length)",
        "the worker runs but consumes no task; the rule looks back two minutes",
        lag=120,
    ),
)
BY_NAME = {drill.name: drill for drill in DRILLS}

# Phases run one after the other, the lanes of a phase concurrently, the drills of a lane one after
# the other. The alert that a server is down inhibits its consequences, and their resolved messages:
# these drills come first and alone. A worker that consumes no task checks no ledger either, and
# registrations that fail leave no payment to decline: these share a lane.
PLAN: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("database-stopped", "worker-killed", "redis-frozen"),),
    (
        ("payments-declined", "views-raising"),
        ("pool-exhausted",),
        ("sockets-refused",),
        ("worker-stalled", "ledger-edited", "event-edited"),
    ),
)
