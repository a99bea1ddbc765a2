"""The drills: which fault raises which alert, and how soon."""

from drills import faults
from drills.drill import Drill

DRILLS = (
    Drill(
        "database-stopped",
        faults.database_stopped,
        ("DatabaseDown",),
        'min(probe_success{instance=~".+/readiness"})',
        "Postgres hangs: its processes are stopped with their connections open",
        remembers=360,
    ),
    Drill(
        "redis-frozen",
        faults.redis_frozen,
        ("DatabaseDown",),
        'min(probe_success{instance=~".+/readiness"})',
        "Redis hangs likewise",
        remembers=360,
    ),
    Drill(
        "worker-killed",
        faults.worker_killed,
        ("JobMissing",),
        'sum(up{job="worker"}) or vector(0)',
        "kill -9 to the Celery worker",
    ),
    Drill(
        "views-raising",
        faults.views_raising,
        ("HighErrorRate", "JourneyBurnsFast"),
        'sum(rate(django_http_requests_total_by_method{status=~"5.."}[5m])) or vector(0)',
        "a column is renamed under the running code, and people go on signing up",
        remembers=300,
    ),
    Drill(
        "pool-exhausted",
        faults.pool_exhausted,
        ("DatabasePoolExhausted",),
        "max(db_pool_waiting)",
        "a transaction holds the sessions' table, four visitors wait for three connections",
        remembers=300,
    ),
    Drill(
        "payments-declined",
        faults.payments_declined,
        ("PaymentFailures",),
        'sum(increase(payments_processed_total{status="FAILED"}[1h]))',
        f"{faults.DECLINED} payments with a card that the provider declines",
        forget='payments_processed_total{status="FAILED"}',
    ),
    Drill(
        "sockets-refused",
        faults.sockets_refused,
        ("WebSocketConnectionFailures",),
        "sum(increase(ws_connection_failures_total[1m]))",
        "ten handshakes a second with the Origin of another site",
        remembers=60,
    ),
    Drill(
        "ledger-edited",
        faults.ledger_edited,
        ("LedgerImbalance",),
        "max(abs(ledger_imbalance_coins))",
        "seven coins more in a wallet, by SQL; the ledger is checked once a minute",
        lag=60,
        remembers=60,
    ),
    Drill(
        "event-edited",
        faults.event_edited,
        ("AuditChainBroken",),
        "max(audit_broken_streams)",
        "a word more in an event's record, by SQL; chains are verified once a minute",
        lag=60,
        remembers=60,
    ),
    Drill(
        "worker-stalled",
        faults.worker_stalled,
        ("CeleryStalled",),
        "max(celery_queue_length)",
        "the worker lives and takes no task; the rule asks for two minutes without one",
        lag=120,
    ),
)
BY_NAME = {drill.name: drill for drill in DRILLS}

# What is down mutes what follows from it, the word that this is over included: so it comes first
# and by itself. Of the rest, those that do not touch each other are held side by side. The worker's
# come one after the other: while it takes no task, it checks no ledger either. So do those of the
# sign-up: nobody can pay for a seat while views raise.
PLAN: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("database-stopped", "worker-killed", "redis-frozen"),),
    (
        ("payments-declined", "views-raising"),
        ("pool-exhausted",),
        ("sockets-refused",),
        ("worker-stalled", "ledger-edited", "event-edited"),
    ),
)
