"""Metrics of Celery workers. They have no exemplars: multiprocess files cannot store them.

Gauges declare how the values of the child processes are merged (`multiprocess_mode`).
"""

from prometheus_client import Counter, Gauge, Histogram

STATES = ("SUCCESS", "FAILURE", "RETRY")
LABEL_BOUNDS = {
    "task": "registered tasks",
    "state": ", ".join(STATES),
    "queue": "the setting BROKER_QUEUES, other",
}

celery_received = Counter(
    "celery_tasks_received_total",
    "Total number of tasks that the worker received from the broker.",
    ["queue"],
)
celery_tasks = Counter(
    "celery_tasks_total", "Total number of finished tasks, by final state.", ["task", "state"]
)
celery_task_seconds = Histogram(
    "celery_task_runtime_seconds",
    "Seconds a task ran.",
    ["task"],
    buckets=(0.05, 0.5, 5.0, 60.0, 240.0),  # few, as there are many tasks; the last is their limit
)
celery_wait = Histogram(
    "celery_queue_wait_seconds",
    "Seconds from publishing a task to its start.",
    ["queue"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0),
)
celery_active = Gauge(
    "celery_tasks_active",
    "Number of tasks that this worker is running.",
    multiprocess_mode="livesum",
)
celery_heartbeat = Gauge(
    "celery_worker_heartbeat_timestamp_seconds",
    "Unix time of the last heartbeat of this worker: every two seconds while it has its broker.",
    multiprocess_mode="max",
)
beat_heartbeat = Gauge(
    "celery_beat_heartbeat_timestamp_seconds",
    "Unix time at which a worker last ran the heartbeat task that beat sends.",
    multiprocess_mode="max",
)
