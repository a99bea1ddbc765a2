from prometheus_client import Counter, Gauge, Histogram

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
audit_broken = Gauge(
    "audit_broken_streams",
    "Streams of events whose hash chain does not verify.",
    multiprocess_mode="mostrecent",
)
audit_verified = Gauge(
    "audit_verified_timestamp_seconds", "When chains were verified.", multiprocess_mode="max"
)
