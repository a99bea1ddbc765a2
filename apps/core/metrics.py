"""Every metric of our own, defined once, with the bound of each label.

label          bound
tournament_id  active tournaments, at most METRICS_MAX_TOURNAMENTS, the rest are "other"
game_title     the titles a tournament can be created with
message_type   what the consumer declares, else "other" (not known) or "invalid" (not JSON)
reason         Refusal's values
status, method as listed at the metric
"""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from apps.core.tournament_series import TournamentSeries

disable_created_metrics()  # type: ignore[no-untyped-call]

ws_connections = Counter(
    "ws_connections_total", "WebSocket connections accepted.", ["tournament_id"]
)
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

tournament_registrations = Counter(
    "tournament_registrations_total",
    "Sign-ups for a tournament: SUCCESS, or FAILED where one was refused.",
    ["tournament_id", "status"],
)
matches_completed = Counter(
    "matches_completed_total",
    "Matches whose result both sides agreed on.",
    ["tournament_id", "game_title"],
)
payments_processed = Counter(
    "payments_processed_total",
    "Payments that came to an end: SUCCESS or FAILED, by STRIPE or PAYPAL.",
    ["status", "method"],
)
coins_awarded = Counter("coins_awarded_total", "DeltaCoins awarded as prizes, in whole coins.")

web_threads_busy = Gauge("web_threads_busy", "Worker threads of this process at work.")
web_threads_limit = Gauge("web_threads_limit", "Worker threads of this process.")
web_jobs_waiting = Gauge("web_jobs_waiting", "Requests waiting for a worker thread.")
web_jobs_limit = Gauge("web_jobs_limit", "Requests that may wait before new ones get a 503.")
web_requests_refused = Counter(
    "web_requests_refused_total", "Requests answered with a 503 as too many were waiting."
)
live_resynced = Counter(
    "live_events_resynced_total",
    "Live events read from the database because their wake-up did not arrive, or not in order.",
)

celery_tasks = Counter("celery_tasks_total", "Tasks run, by how they ended.", ["task", "state"])
celery_task_seconds = Histogram("celery_task_runtime_seconds", "Run time of a task.", ["task"])

PAYMENT_STATUSES = ("SUCCESS", "FAILED")
PAYMENT_METHODS = ("STRIPE", "PAYPAL")
SENT_TYPES = ("welcome", "event", "pong", "error")

for _status in PAYMENT_STATUSES:
    for _method in PAYMENT_METHODS:
        payments_processed.labels(_status, _method)
for _type in SENT_TYPES:
    ws_messages_sent.labels(_type)

tournaments = TournamentSeries(
    {
        tournament_registrations: [{"status": "SUCCESS"}, {"status": "FAILED"}],
        matches_completed: [{}],
        ws_connections: [{}],
        ws_messages_received: [{"message_type": "ping"}, {"message_type": "sync"}],
    }
)
