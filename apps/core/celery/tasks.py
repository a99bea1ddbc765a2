"""The heartbeat task, and a registry of functions that run once when a worker starts."""

from collections.abc import Callable

from celery import shared_task

from apps.core.celery.metrics import beat_heartbeat

Check = Callable[[], object]
worker_start_checks: list[Check] = []


def on_worker_start(check: Check) -> Check:
    """Registers a function that sets gauges. It runs once in a new worker, before the worker serves
    its metrics: until then such gauges are 0, which would look like "no problem"."""
    worker_start_checks.append(check)
    return check


@shared_task
def heartbeat() -> None:
    """Proves that beat, the broker and a worker all run."""
    beat_heartbeat.set_to_current_time()
