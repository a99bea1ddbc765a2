"""Every metric of our own, defined once, with the bound of each label.

label          bound
tournament_id  active tournaments, at most METRICS_MAX_TOURNAMENTS, the rest are "other"
game_title     the titles a tournament can be created with
message_type   what the consumer declares, else "other" (not known) or "invalid" (not JSON)
reason         RejectReason's values
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

from apps.core.conf import conf

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's

ws_connections = Counter("ws_connections_total", "WebSocket connections accepted.")
ws_connection_failures = Counter(
    "ws_connection_failures_total", "WebSocket handshakes refused or failed, by why.", ["reason"]
)
ws_messages_received = Counter(
    "ws_messages_received_total",
    "WebSocket messages received from clients.",
    ["message_type", conf.WEBSOCKET_LABEL],
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

layer_dropped = Counter(
    "channel_layer_dropped_messages_total",
    "Wake-ups lost: not sent, over capacity in a group, or thrown away in a process's buffer.",
    ["where"],
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

SCRAPE_REFUSALS = ("401", "503")
SENT_TYPES = ("welcome", "event", "pong", "error")
CLOSE_CODES = (1000, 1001, 1005, 1006, 1007, 1009, 1011, 1012, 1013)
DROPPED_WHERE = ("send", "group", "buffer")
OTHER_CODE = "other"


def count_close(code: int | None) -> None:
    """Counts the end of an open socket; what a client may invent is "other"."""
    ws_disconnections.labels(str(code) if code in CLOSE_CODES else OTHER_CODE).inc()


for _status in SCRAPE_REFUSALS:
    scrapes_refused.labels(_status)
for _type in SENT_TYPES:
    ws_messages_sent.labels(_type)
for _code in (*CLOSE_CODES, OTHER_CODE):
    ws_disconnections.labels(str(_code))
for _where in DROPPED_WHERE:
    layer_dropped.labels(_where)
for _limit in conf.RATE_LIMITS:
    rate_limited.labels(_limit)
for _handler in ("console", "file"):
    log_lines_lost.labels(_handler)
