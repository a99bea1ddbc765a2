"""Periodic tasks that process due rows one by one.

    @shared_task(throws=(BatchIncomplete,))
    def prizes_sweep() -> int:
        return run_row_batch(unpaid(), pay, name="prizes", batch_size=100)

`throws` keeps Celery from logging the traceback of BatchIncomplete: each error is already logged.
"""

import logging
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import QuerySet

logger = logging.getLogger(__name__)
Key = TypeVar("Key")
TIME_LIMIT = 120.0  # seconds; half of a task's soft time limit
TRACEBACK_SECONDS = 60.0  # between two tracebacks of an error: a sweep may run every few seconds

_next_traceback: dict[tuple[str, str], float] = {}  # by the batch's name and the error's location


class BatchIncomplete(Exception):
    """Some rows failed or were not reached. The errors are logged, and the next run retries."""


def run_batch(keys: Iterable[Key], process: Callable[[Key], object], *, name: str) -> int:
    """Calls `process` for each key. A failure does not stop the others.

    Returns the number of calls that did not return False. Raises BatchIncomplete at the end if a
    call failed or the time limit was reached."""
    deadline = time.monotonic() + TIME_LIMIT
    pending, done = list(keys), 0
    errors: dict[str, list[tuple[Key, Exception]]] = defaultdict(list)
    try:
        while pending and time.monotonic() < deadline:
            key = pending.pop(0)
            try:
                done += process(key) is not False
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:
                errors[_location(error)].append((key, error))
    finally:  # also at the soft time limit
        for location, failures in errors.items():
            _log(name, location, failures)
    if incomplete := len(pending) + sum(map(len, errors.values())):
        raise BatchIncomplete(f"{name}: {incomplete} failed or not reached")
    return done


def run_row_batch(
    rows: QuerySet[Any], process: Callable[[Any], object], *, name: str, batch_size: int
) -> int:
    """`run_batch` for at most `batch_size` rows, chosen at random: rows that always fail cannot
    starve the others."""
    keys = rows.order_by("?").values_list("pk", flat=True)[:batch_size]
    return run_batch(keys, process, name=name)


def _log(name: str, location: str, failures: list[tuple[Any, Exception]]) -> None:
    """One line per error, however many rows it affects. The lines between two tracebacks are
    warnings: Sentry receives no event for them."""
    error = failures[0][1]
    fields = {"batch": name, "keys": [key for key, _ in failures], "count": len(failures)}
    fields["error"] = f"{type(error).__name__}: {error}"
    now = time.monotonic()
    if now < _next_traceback.get((name, location), 0.0):
        logger.warning("Batch items failed", extra=fields)
    else:
        _next_traceback[name, location] = now + TRACEBACK_SECONDS
        logger.error("Batch items failed", exc_info=error, extra=fields)


def _location(error: Exception) -> str:
    """The error's type and the line that raised it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__qualname__}:{frame.filename}:{frame.lineno}"
