"""Every metric of our own, defined once, with the bound of each label.

label          bound
tournament_id  active tournaments, at most METRICS_MAX_TOURNAMENTS, the rest are "other"
game_title     the titles a tournament can be created with
message_type   what the consumer declares, else "other" (not known) or "invalid" (not JSON)
reason         Refusal's values
code           CLOSE_CODES, else "other"
where          DROPPED_WHERE
limit          LIMITS, the names in RATE_LIMITS
result         SIGN_IN_RESULTS
event          BOUNDED_EVENTS
task, queue    what the Celery application declares, else "other"
status, method, state, outcome, provider, result, kind
               as listed at the metric, or at the end

Gauges say how the values of several processes become one (`multiprocess_mode`): a Celery worker's
children share a page, see `celery_worker`.

Histograms of requests, socket messages and live deliveries carry the trace as an exemplar. Celery's
do not, as a worker's files keep none; nor do the database's, which django-prometheus observes.
"""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from apps.core.tournament_series import TournamentSeries

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's

ws_connections = Counter("ws_connections_total", "WebSocket connections accepted.")
ws_connection_failures = Counter(
    "ws_connection_failures_total", "WebSocket handshakes refused or failed, by why.", ["reason"]
)
ws_messages_received = Counter(
    "ws_messages_received_total",
    "WebSocket messages received from clients.",
    ["message_type", "tournament_id"],
)
ws_messages_sent = Counter(
    "ws_messages_sent_total", "WebSocket messages sent to clients.", ["message_type"]
)
ws_message_latency = Histogram(
    "ws_message_latency_seconds",
    "From a message's receipt to the end of its handling.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0),
)
ws_disconnections = Counter(
    "ws_disconnections_total", "Open WebSocket connections that ended, by close code.", ["code"]
)

live_delivery = Histogram(
    "live_delivery_seconds",
    "From an event's commit to its hand-over to the last of this process's sockets.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
live_replayed = Counter(
    "live_events_replayed_total",
    "Live events given to a socket that asked from an earlier one on.",
)
live_resynced = Counter(
    "live_events_resynced_total",
    "Live events read from the database because their wake-up did not arrive, or not in order.",
)
layer_dropped = Counter(
    "channel_layer_dropped_messages_total",
    "Wake-ups lost: not sent, over capacity in a group, or thrown away in a process's buffer.",
    ["where"],
)

tournament_registrations = Counter(
    "tournament_registrations_total",
    "Sign-ups for a tournament: SUCCESS, or FAILED where one was refused.",
    ["tournament_id", "status"],
)
registrations_confirmed = Counter(
    "tournament_registrations_confirmed_total",
    "Seats confirmed: paid for, or free of charge.",
)
registrations_moved = Counter(
    "tournament_registrations_moved_total",
    "Registrations that were put on the waiting list, promoted from it, checked in, or left: "
    "withdrawn, refunded by the provider, expired without payment, no show.",
    ["status"],
)
matches_completed = Counter(
    "matches_completed_total",
    "Matches that ended with a result.",
    ["tournament_id", "game_title"],
)
match_outcomes = Counter(
    "match_outcomes_total",
    "Matches that ended: played, forfeited, not answered in time, or decided by the organizer.",
    ["outcome"],
)
match_disputes = Counter(
    "match_disputes_total", "Matches over whose result the two sides did not agree."
)
match_disputes_open = Gauge(
    "match_disputes_open",
    "Disputes that wait for the organizer, when they were last counted.",
    multiprocess_mode="mostrecent",
)
match_dispute_oldest = Gauge(
    "match_dispute_oldest_seconds",
    "How long the oldest open dispute had waited when they were last counted: 0 without any.",
    multiprocess_mode="mostrecent",
)
payments_processed = Counter(
    "payments_processed_total",
    "Payments that came to an end: SUCCESS or FAILED, by STRIPE or PAYPAL.",
    ["status", "method"],
)
payments_started = Counter("payments_started_total", "Payments begun.", ["method"])
payments_refunded = Counter("payments_refunded_total", "Payments given back.", ["method"])
webhooks_received = Counter(
    "webhooks_received_total",
    "Webhooks received: applied, duplicate, waiting for their payment, ignored, refused.",
    ["provider", "result"],
)
payments_disagreements = Gauge(
    "payments_disagreements",
    "Payments on which provider, payments and ledger do not agree, by what about: no series where "
    "this process has not compared them.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
payments_reconciled = Gauge(
    "payments_reconciled_timestamp_seconds",
    "When provider, payments and ledger were compared.",
    multiprocess_mode="max",
)
coins_awarded = Counter("coins_awarded_total", "DeltaCoins awarded as prizes, in whole coins.")

ledger_imbalance = Gauge(
    "ledger_imbalance_coins",
    "DeltaCoins that the ledger is off by when it was last checked: 0 is right.",
    multiprocess_mode="mostrecent",
)
ledger_money_imbalance = Gauge(
    "ledger_imbalance_minor_units",
    "Minor units of money, of all currencies together, that the ledger is off by when it was last "
    "checked: 0 is right.",
    multiprocess_mode="mostrecent",
)
ledger_circulation = Gauge(
    "ledger_coins_in_circulation",
    "DeltaCoins in wallets of players.",
    multiprocess_mode="mostrecent",
)
ledger_awarded = Gauge(
    "ledger_coins_awarded",
    "DeltaCoins awarded as the ledger has them: exact, where the counter lost a killed process's.",
    multiprocess_mode="mostrecent",
)
ledger_checked = Gauge(
    "ledger_checked_timestamp_seconds", "When the ledger was checked.", multiprocess_mode="max"
)
audit_broken = Gauge(
    "audit_broken_streams",
    "Streams of events whose hash chain does not verify.",
    multiprocess_mode="mostrecent",
)
audit_verified = Gauge(
    "audit_verified_timestamp_seconds", "When chains were verified.", multiprocess_mode="max"
)

web_threads_busy = Gauge(
    "web_threads_busy", "Worker threads of this process at work.", multiprocess_mode="livesum"
)
web_threads_limit = Gauge(
    "web_threads_limit", "Worker threads of this process.", multiprocess_mode="livesum"
)
web_jobs_waiting = Gauge(
    "web_jobs_waiting", "Requests waiting for a worker thread.", multiprocess_mode="livesum"
)
web_jobs_limit = Gauge(
    "web_jobs_limit",
    "Requests that may wait before new ones get a 503.",
    multiprocess_mode="livesum",
)
web_requests_refused = Counter(
    "web_requests_refused_total", "Requests answered with a 503 as too many were waiting."
)
tournaments_active = Gauge(
    "tournaments_active",
    "Tournaments that have series of their own in this process.",
    multiprocess_mode="livesum",
)

celery_received = Counter(
    "celery_tasks_received_total", "Tasks that the worker took from the broker.", ["queue"]
)
celery_tasks = Counter("celery_tasks_total", "Tasks run, by how they ended.", ["task", "state"])
celery_task_seconds = Histogram(
    "celery_task_runtime_seconds",
    "Run time of a task.",
    ["task"],
    buckets=(0.05, 0.5, 5.0, 60.0, 240.0),  # few, as there are many tasks; the last is their limit
)
celery_wait = Histogram(
    "celery_queue_wait_seconds",
    "From a task's sending to its start.",
    ["queue"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0),
)
celery_active = Gauge(
    "celery_tasks_active", "Tasks that run in this worker now.", multiprocess_mode="livesum"
)
celery_heartbeat = Gauge(
    "celery_worker_heartbeat_timestamp_seconds",
    "When this worker's event loop last had its broker: every two seconds.",
    multiprocess_mode="max",
)
beat_heartbeat = Gauge(
    "celery_beat_heartbeat_timestamp_seconds",
    "When a worker last ran the heartbeat task that beat sends.",
    multiprocess_mode="max",
)

rate_limited = Counter(
    "rate_limited_total", "What was refused for being done too often, by limit.", ["limit"]
)
rate_limits_unchecked = Counter(
    "rate_limits_unchecked_total", "What was let through while nobody could count it."
)
sign_ins = Counter(
    "sign_ins_total",
    "Attempts to sign in, for a session or a token, by how they ended.",
    ["result"],
)
permissions_refused = Counter(
    "permissions_refused_total", "Requests answered with a 403: not theirs to do."
)
security_events_unrecorded = Counter(
    "security_events_unrecorded_total",
    "Security events that only this counts: their stream had its share of records.",
    ["event"],
)
scrapes_refused = Counter(
    "metrics_scrapes_refused_total",
    "Requests for this page without the right token (401), or with too many at once (503).",
    ["status"],
)
ws_input_paused = Counter(
    "ws_input_paused_total", "Sockets not read from for a while: more came than was handled."
)

log_lines_lost = Counter(
    "log_lines_lost_total", "Log lines that could not be written: console or file.", ["handler"]
)

REGISTRATION_MOVES = (
    "waitlisted", "promoted", "checked_in", "withdrawn", "refunded", "expired", "no_show",
)  # fmt: skip
PAYMENT_STATUSES = ("SUCCESS", "FAILED")
MATCH_OUTCOMES = ("played", "forfeit", "no_show", "decided")
PAYMENT_METHODS = ("STRIPE", "PAYPAL")
WEBHOOK_RESULTS = ("applied", "duplicate", "waiting", "ignored", "refused")
DISAGREEMENTS = (
    "missing_here", "missing_there", "amount", "status", "refunds", "refund_failed", "ledger",
)  # fmt: skip
SCRAPE_REFUSALS = ("401", "503")
SENT_TYPES = ("welcome", "event", "pong", "error")
CLOSE_CODES = (1000, 1001, 1005, 1006, 1007, 1009, 1011, 1012, 1013)
DROPPED_WHERE = ("send", "group", "buffer")
OTHER_CODE = "other"
LIMITS = (
    "sign_up", "sign_in", "writes", "sync", "security_records", "unknown_sign_ins", "csp_reports",
    "certificates",
)  # fmt: skip
SIGN_IN_RESULTS = ("succeeded", "failed", "locked_out")
BOUNDED_EVENTS = (
    "account.sign_in_failed",
    "account.unknown_sign_in_failed",
    "account.permission_refused",
)


def count_close(code: int | None) -> None:
    """Counts the end of an open socket; what a client may invent is "other"."""
    ws_disconnections.labels(str(code) if code in CLOSE_CODES else OTHER_CODE).inc()


for _move in REGISTRATION_MOVES:
    registrations_moved.labels(_move)
for _method in PAYMENT_METHODS:
    payments_started.labels(_method)
    payments_refunded.labels(_method)
    for _status in PAYMENT_STATUSES:
        payments_processed.labels(_status, _method)
    for _result in WEBHOOK_RESULTS:
        webhooks_received.labels(_method, _result)
for _outcome in MATCH_OUTCOMES:
    match_outcomes.labels(_outcome)
for _status in SCRAPE_REFUSALS:
    scrapes_refused.labels(_status)
for _type in SENT_TYPES:
    ws_messages_sent.labels(_type)
for _code in (*CLOSE_CODES, OTHER_CODE):
    ws_disconnections.labels(str(_code))
for _where in DROPPED_WHERE:
    layer_dropped.labels(_where)
for _limit in LIMITS:
    rate_limited.labels(_limit)
for _result in SIGN_IN_RESULTS:
    sign_ins.labels(_result)
for _event in BOUNDED_EVENTS:
    security_events_unrecorded.labels(_event)
for _handler in ("console", "file"):
    log_lines_lost.labels(_handler)

tournaments = TournamentSeries(
    {
        tournament_registrations: [{"status": "SUCCESS"}, {"status": "FAILED"}],
        matches_completed: [{}],
        ws_messages_received: [{"message_type": "ping"}, {"message_type": "sync"}],
    }
)
tournaments_active.set_function(lambda: len(tournaments.known()))
