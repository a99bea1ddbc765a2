"""Celery: the request id and the trace travel with the task, and every task is counted.

Where a worker's metrics are gathered and served is `celery_worker`'s business.
"""

import logging
import time
from typing import Any

import sentry_sdk
from celery import Task, signals
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from django.conf import settings

from apps.core import context
from apps.core.conf import conf
from apps.core.logging import config, setup
from apps.core.metrics import (
    celery_active,
    celery_received,
    celery_task_seconds,
    celery_tasks,
    celery_wait,
)

logger = logging.getLogger("deltacrown.tasks")

CARRIED = "deltacrown_context"
SENT_AT = "deltacrown_sent_at"
STATES = ("SUCCESS", "FAILURE", "RETRY")
OTHER = "other"


def set_up_logging(**_: Any) -> None:
    config.configure(settings.LOGGING)


# Whoever listens to this signal keeps Celery from setting up logging by itself.
if setup.is_ours():
    signals.setup_logging.connect(set_up_logging)


@signals.before_task_publish.connect
def carry_context(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[CARRIED] = context.current()
        headers[SENT_AT] = time.time()


@signals.task_received.connect
def count_received(request: Any, **_: Any) -> None:
    """In the worker's parent."""
    celery_received.labels(_queue(request.delivery_info)).inc()


@signals.task_prerun.connect
def begin(task: Task[Any, Any], task_id: str, **_: Any) -> None:
    """In the process that runs it, as is `end`."""
    carried = getattr(task.request, CARRIED, None) or context.current()
    own = {
        "request_id": carried.get("request_id") or context.new_id(),
        "trace_id": carried.get("trace_id") or _trace_id(),
    }
    task.request.update(began=time.perf_counter(), outer_context=context.current())
    context.bind(**carried | own | {"task_id": task_id, "task": task.name})
    celery_active.inc()
    _observe_wait(task.request)


@signals.task_postrun.connect
def end(task: Task[Any, Any], state: str | None = None, retval: object = None, **_: Any) -> None:
    seconds = time.perf_counter() - task.request.get("began")
    celery_active.dec()
    celery_tasks.labels(task.name, state or "UNKNOWN").inc()
    celery_task_seconds.labels(task.name).observe(seconds)
    had_nothing = state == "SUCCESS" and not retval and _is_periodic(task)
    level = logging.DEBUG if had_nothing else logging.INFO
    told = {"state": state, "duration_ms": round(seconds * 1000, 1)}
    logger.log(level, "Task ended", extra=told)
    context.replace(task.request.get("outer_context"))


@signals.task_failure.connect
def count_lost(sender: Task[Any, Any], exception: BaseException, **_: Any) -> None:
    """The parent's word on a task whose child died or was killed for its time: `end` never ran."""
    if isinstance(exception, WorkerLostError | TimeLimitExceeded):
        celery_tasks.labels(sender.name, "FAILURE").inc()
        logger.error("Task lost", extra={"task": sender.name, "fault": repr(exception)})


@signals.celeryd_after_setup.connect
def known_at_zero(sender: Any, instance: Any, **_: Any) -> None:
    for queue in conf.BROKER_QUEUES:
        celery_received.labels(queue)
        celery_wait.labels(queue)
    for name in instance.app.tasks:
        if not name.startswith("celery."):
            celery_task_seconds.labels(name)
            for state in STATES:
                celery_tasks.labels(name, state)


def _is_periodic(task: Task[Any, Any]) -> bool:
    return any(one["task"] == task.name for one in task.app.conf.beat_schedule.values())


def _observe_wait(request: Any) -> None:
    """Not for a task that was meant to wait, nor one that was run where it was called."""
    sent_at = getattr(request, SENT_AT, None)
    if sent_at is not None and not request.eta and not request.is_eager:
        celery_wait.labels(_queue(request.delivery_info)).observe(max(0.0, time.time() - sent_at))


def _queue(delivery: dict[str, Any] | None) -> str:
    name = (delivery or {}).get("routing_key")
    return str(name) if name in conf.BROKER_QUEUES else OTHER


def _trace_id() -> str:
    """Sentry's, where it has one for this task."""
    trace = sentry_sdk.get_current_scope().get_trace_context()
    return str(trace.get("trace_id") or context.new_id())
