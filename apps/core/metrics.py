"""The kit's metrics of WebSockets and web processes, with the bound of each label.

`metrics.py` in `celery/` and `prometheus/` declares the metrics of those packages.
docs/metrics.md lists all of them with their readers.
"""

from prometheus_client import Counter, Gauge, Histogram

from apps.core.conf import conf

SENT_TYPES = ("welcome", "event", "pong", "error")
CLOSE_CODES = ("1000", "1001", "1005", "1006", "1007", "1009", "1011", "1012", "1013")
DROPPED_WHERE = ("send", "group", "buffer")
OTHER = "other"
# Bounds of labels whose values are not all created below.
LABEL_BOUNDS = {
    conf.WEBSOCKET_LABEL: "values that a BoundedLabel tracks, other",
    "message_type": "received: the consumer's handlers, invalid, other; sent: "
    + ", ".join(SENT_TYPES),
}

# WebSocket
ws_connections = Counter("ws_connections_total", "Total number of accepted WebSocket connections.")
ws_connection_failures = Counter(
    "ws_connection_failures_total",
    "Total number of WebSocket handshakes that were rejected or failed.",
    ["reason"],
)
ws_messages_received = Counter(
    "ws_messages_received_total",
    "Total number of WebSocket messages received from clients.",
    ["message_type", conf.WEBSOCKET_LABEL],
)
ws_messages_sent = Counter(
    "ws_messages_sent_total",
    "Total number of WebSocket messages sent to clients.",
    ["message_type"],
)
ws_message_latency = Histogram(
    "ws_message_latency_seconds",
    "Seconds from receiving a WebSocket message to the end of its handler.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0),
)
ws_disconnections = Counter(
    "ws_disconnections_total",
    "Total number of accepted WebSocket connections that closed, by close code.",
    ["code"],
)
ws_input_paused = Counter(
    "ws_input_paused_total",
    "Total number of times reading from a WebSocket was paused because its input queue was full.",
)
layer_dropped = Counter(
    "channel_layer_dropped_messages_total",
    "Total number of channel layer messages lost: send failed, group over capacity, buffer full.",
    ["where"],
)

# HTTP
web_threads_busy = Gauge(
    "web_threads_busy", "Number of busy worker threads.", multiprocess_mode="livesum"
)
web_threads_limit = Gauge(
    "web_threads_limit", "Number of worker threads.", multiprocess_mode="livesum"
)
web_jobs_waiting = Gauge(
    "web_jobs_waiting", "Number of jobs waiting for a worker thread.", multiprocess_mode="livesum"
)
web_jobs_limit = Gauge(
    "web_jobs_limit",
    "Number of jobs that may wait for a worker thread before requests get a 503.",
    multiprocess_mode="livesum",
)
web_requests_refused = Counter(
    "web_requests_refused_total",
    "Total number of requests answered with a 503 because too many were waiting.",
)
rate_limited = Counter(
    "rate_limited_total", "Total number of actions rejected by a rate limit.", ["limit"]
)
rate_limits_unchecked = Counter(
    "rate_limits_unchecked_total",
    "Total number of actions allowed because Redis could not count them.",
)

# Known label sets start at 0: `rate()` misses the first increment of a series that is new.
for _counter, _values in (
    (ws_messages_sent, SENT_TYPES),
    (ws_disconnections, (*CLOSE_CODES, OTHER)),
    (layer_dropped, DROPPED_WHERE),
    (rate_limited, tuple(conf.RATE_LIMITS)),
):
    for _value in _values:
        _counter.labels(_value)


def count_close(code: int | None) -> None:
    """Counts a closed connection. Codes that clients invent count as "other"."""
    label = str(code)
    ws_disconnections.labels(label if label in CLOSE_CODES else OTHER).inc()
