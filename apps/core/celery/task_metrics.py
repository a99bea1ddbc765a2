"""Counts and times Celery tasks. Import it wherever tasks are published or run."""

import time
from typing import Any

from celery import Task, signals
from celery.exceptions import TimeLimitExceeded, WorkerLostError

from apps.core.celery import metrics
from apps.core.conf import conf

SENT_AT = "kit_sent_at"
OTHER = "other"


@signals.before_task_publish.connect
def add_sent_at(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[SENT_AT] = time.time()


@signals.task_received.connect
def count_received(request: Any, **_: Any) -> None:
    """Runs in the worker's parent process."""
    metrics.celery_received.labels(_queue(request.delivery_info)).inc()


@signals.task_prerun.connect
def start_timer(task: Task[Any, Any], **_: Any) -> None:
    """Runs in the process that runs the task, as does `count_task`."""
    task.request.update(started_at=time.perf_counter())
    metrics.celery_active.inc()
    sent_at = getattr(task.request, SENT_AT, None)
    # A countdown or an ETA is not time in the queue, and an eager task has no queue.
    if sent_at is not None and not task.request.eta and not task.request.is_eager:
        waited = max(0.0, time.time() - sent_at)
        metrics.celery_wait.labels(_queue(task.request.delivery_info)).observe(waited)


@signals.task_postrun.connect
def count_task(task: Task[Any, Any], state: str | None = None, **_: Any) -> None:
    metrics.celery_active.dec()
    metrics.celery_tasks.labels(task.name, state or "UNKNOWN").inc()
    seconds = time.perf_counter() - task.request.get("started_at")
    metrics.celery_task_seconds.labels(task.name).observe(seconds)


@signals.task_failure.connect
def count_lost(sender: Task[Any, Any], exception: BaseException, **_: Any) -> None:
    """Runs in the parent when a child was killed: `count_task` never ran."""
    if isinstance(exception, WorkerLostError | TimeLimitExceeded):
        metrics.celery_tasks.labels(sender.name, "FAILURE").inc()


@signals.celeryd_after_setup.connect
def create_series(sender: Any, instance: Any, **_: Any) -> None:
    """Known series start at 0: `rate()` misses the first increment of a new series."""
    for queue in conf.BROKER_QUEUES:
        metrics.celery_received.labels(queue)
        metrics.celery_wait.labels(queue)
    for name in instance.app.tasks:
        if not name.startswith("celery."):
            metrics.celery_task_seconds.labels(name)
            for state in metrics.STATES:
                metrics.celery_tasks.labels(name, state)


def _queue(delivery: Any) -> str:
    name = (delivery or {}).get("routing_key")
    return str(name) if name in conf.BROKER_QUEUES else OTHER
