"""Periodic tasks that process due rows one by one.

    @shared_task(throws=(BatchIncomplete,))
    def prizes_sweep() -> int:
        return run_row_batch(unpaid(), pay, what="prizes", at_once=100)

`throws` keeps Celery from logging the traceback of BatchIncomplete: each failed row is already
logged.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db.models import QuerySet
from redis import RedisError

logger = logging.getLogger(__name__)
Key = TypeVar("Key")
SECONDS = 120.0  # half of what a task may take
TOLD_FOR = 3600.0  # seconds in which the same fault has no second traceback


class BatchIncomplete(Exception):
    """Some rows were not done; what they failed with was logged. The task fails with it, so that it
    is seen, and its next turn goes on."""


def run_batch(keys: Iterable[Key], one: Callable[[Key], object], *, what: str) -> int:
    """Calls `one` for each key, in a transaction of its own; a failure does not stop the others.

    Returns the number of calls that did not return False. Raises BatchIncomplete at the end if a
    call failed or the time was up."""
    deadline = time.monotonic() + SECONDS
    waiting, done, undone = list(keys), 0, 0
    failures = _Failures(what)
    try:
        for turn, key in enumerate(waiting):
            if time.monotonic() > deadline:
                undone = len(waiting) - turn
                break
            try:
                done += one(key) is not False
            except SoftTimeLimitExceeded:
                raise
            except Exception as fault:
                undone += 1
                failures.add(key, fault)
    finally:
        failures.tell()
    if undone:
        raise BatchIncomplete(f"{what}: {undone} left undone")
    return done


def run_row_batch(
    rows: QuerySet[Any], one: Callable[[Any], object], *, what: str, at_once: int
) -> int:
    """As `sweep`, for so many rows at most: those after the one at which the last sweep ended, and
    round again, so that rows which always fail hold off no others. Where it ended is kept in the
    cache; without it, the round begins anew."""
    notes = _Notes(what)

    def one_noted(key: Any) -> object:
        notes.set_place(key)  # first, for a row that ends the whole process
        return one(key)

    return run_batch(_next(rows, notes.place(), at_once), one_noted, what=what)


def _next(rows: QuerySet[Any], last: Any, at_once: int) -> list[Any]:
    keys = rows.order_by("pk").values_list("pk", flat=True)
    if last is None:
        return list(keys[:at_once])
    found = list(keys.filter(pk__gt=last)[:at_once])
    return found + list(keys.filter(pk__lte=last)[: at_once - len(found)])


class _Notes:
    """What a sweep keeps in the cache. Where that does not answer, it says so once and goes on
    without."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._answers = True

    def place(self) -> Any:
        return self._ask(lambda: cache.get(self._key("at")), None)

    def set_place(self, key: Any) -> None:
        self._ask(lambda: cache.set(self._key("at"), key, timeout=None), None)

    def is_told(self, fault: str) -> bool:
        """Whether it was within the hour, and is from now on."""
        return not self._ask(lambda: cache.add(self._key("told", fault), 1, TOLD_FOR), True)

    def _key(self, *words: str) -> str:
        return ":".join(("sweep", self._what, *words)).replace(" ", "-")

    def _ask(self, call: Callable[[], Any], otherwise: Any) -> Any:
        if self._answers:
            try:
                return call()
            except RedisError:
                self._answers = False
                logger.exception("A sweep goes without its notes", extra={"sweep": self._what})
        return otherwise


class _Failures:
    """What failed in a sweep, by fault: one of a provider that is down is told once, however many
    rows it is met by."""

    def __init__(self, what: str) -> None:
        self._what, self._notes = what, _Notes(what)
        self._found: dict[str, list[tuple[object, Exception]]] = defaultdict(list)

    def add(self, key: object, fault: Exception) -> None:
        self._found[_kind(fault)].append((key, fault))

    def tell(self) -> None:
        """A line for each fault; with the traceback where it has not been told within the hour."""
        for kind, met in self._found.items():
            fault = met[0][1]
            logger.error(
                "Left undone by a sweep",
                exc_info=None if self._notes.is_told(kind) else fault,
                extra={
                    "sweep": self._what,
                    "keys": [key for key, _ in met],
                    "count": len(met),
                    "fault": f"{type(fault).__name__}: {fault}",
                },
            )


def _kind(fault: Exception) -> str:
    """Its type and where it was raised."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals['__name__']}:{trace.tb_lineno}" if trace else ""
    return f"{type(fault).__qualname__}:{where}"
