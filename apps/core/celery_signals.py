"""Celery: the request id travels with the task, every task is counted, the worker is scraped.

The worker runs its tasks in threads (`--pool threads`): one process, one registry, one target.
"""

import logging.config
import time
from typing import Any

from celery import Task, signals
from django.conf import settings
from prometheus_client import start_http_server

from apps.core import context, logs
from apps.core.exposition import Page
from apps.core.metrics import celery_task_seconds, celery_tasks

logger = logging.getLogger("deltacrown.tasks")
CARRIED = "deltacrown_context"


@signals.setup_logging.connect
def set_up_logging(**_: Any) -> None:
    logs.configure(settings.LOGGING)


@signals.before_task_publish.connect
def carry_context(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[CARRIED] = context.current()


@signals.task_prerun.connect
def begin(task: Task[Any, Any], task_id: str, **_: Any) -> None:
    carried = getattr(task.request, CARRIED, None) or context.current()
    own = {"request_id": carried.get("request_id") or context.new_id()}
    task.request.update(began=time.perf_counter(), outer_context=context.current())
    context.bind(**carried | own, task_id=task_id, task=task.name)


@signals.task_postrun.connect
def end(task: Task[Any, Any], state: str | None = None, **_: Any) -> None:
    seconds = time.perf_counter() - task.request.get("began")
    celery_tasks.labels(task.name, state or "UNKNOWN").inc()
    celery_task_seconds.labels(task.name).observe(seconds)
    logger.info("task", extra={"state": state, "duration_ms": round(seconds * 1000, 1)})
    context.replace(task.request.get("outer_context"))


@signals.celeryd_after_setup.connect
def known_tasks_at_zero(sender: Any, instance: Any, **_: Any) -> None:
    for name in instance.app.tasks:
        if not name.startswith("celery."):
            for state in ("SUCCESS", "FAILURE", "RETRY"):
                celery_tasks.labels(name, state)


@signals.worker_ready.connect
def serve_metrics(**_: Any) -> None:
    if settings.ENABLE_PROMETHEUS:
        start_http_server(settings.WORKER_METRICS_PORT, registry=Page())
