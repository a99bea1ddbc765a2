"""Carries the log context from the publisher to the task, and logs the end of each task."""

import logging
import time
from typing import Any

import sentry_sdk
from celery import Task, signals
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from django.conf import settings

from apps.core import context
from apps.core.database import check_database
from apps.core.logging import config, handlers, setup

logger = logging.getLogger(__name__)

CONTEXT = "kit_context"


if config.is_active():  # a receiver of this signal keeps Celery from configuring logging itself
    signals.setup_logging.connect(lambda **_: config.configure(settings.LOGGING), weak=False)
signals.worker_process_shutdown.connect(lambda **_: handlers.flush(), weak=False)


@signals.worker_init.connect
def require_database(**_: Any) -> None:
    """Ends a worker without a database: it would take tasks from the queue only to fail them."""
    try:
        check_database()
    except setup.Misconfigured as error:
        setup.end_misconfigured(error)  # Celery continues after any exception except SystemExit


@signals.before_task_publish.connect
def add_context(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[CONTEXT] = context.current()


@signals.task_prerun.connect
def bind_context(task: Task[Any, Any], task_id: str, **_: Any) -> None:
    carried = getattr(task.request, CONTEXT, None) or context.current()
    sentry_trace = sentry_sdk.get_current_scope().get_trace_context()
    ids = {
        "request_id": carried.get("request_id") or context.new_id(),
        "trace_id": carried.get("trace_id") or sentry_trace.get("trace_id") or context.new_id(),
    }
    task.request.update(log_started_at=time.perf_counter(), outer_context=context.current())
    context.bind(**carried | ids | {"task_id": task_id, "task": task.name})


@signals.task_postrun.connect
def log_task(
    task: Task[Any, Any], state: str | None = None, retval: object = None, **_: Any
) -> None:
    """A periodic task that found nothing to do is logged at DEBUG."""
    duration = round((time.perf_counter() - task.request.get("log_started_at")) * 1000, 1)
    periodic = {entry["task"] for entry in task.app.conf.beat_schedule.values()}
    was_idle = state == "SUCCESS" and not retval and task.name in periodic
    level = logging.DEBUG if was_idle else logging.INFO
    logger.log(level, "Task ended", extra={"state": state, "duration_ms": duration})
    context.replace(task.request.get("outer_context"))


@signals.task_failure.connect
def log_lost(sender: Task[Any, Any], exception: BaseException, **_: Any) -> None:
    """Runs in the parent when a child was killed: `log_task` never ran."""
    if isinstance(exception, WorkerLostError | TimeLimitExceeded):
        logger.error("Task lost", extra={"task": sender.name, "error": repr(exception)})
