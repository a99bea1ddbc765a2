from prometheus_client import Counter, Gauge, Histogram

live_delivery = Histogram(
    "live_delivery_seconds",
    "From the commit of an event to its delivery to the last socket of this process.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
live_replayed = Counter(
    "live_events_replayed_total",
    "Total number of stored live events delivered to sockets that asked for them.",
)
live_resynced = Counter(
    "live_events_resynced_total",
    "Total number of live events read from the database, as their message was lost or late.",
)
audit_broken = Gauge(
    "audit_broken_streams",
    "Event streams with a broken hash chain.",
    multiprocess_mode="mostrecent",
)
audit_verified = Gauge(
    "audit_verified_timestamp_seconds",
    "Time of the last verification of the chains.",
    multiprocess_mode="max",
)
