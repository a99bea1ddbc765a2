"""The worker threads of a process: a fixed number, with a bounded queue.

Blocking code runs here, with one hop in and one out, in the caller's context variables. Threads
keep their database connections (SQLite) or return them to the pool (PostgreSQL).
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from threading import BoundedSemaphore, Lock
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

from apps.core.conf import conf
from apps.core.metrics import (
    web_jobs_limit,
    web_jobs_waiting,
    web_threads_busy,
    web_threads_limit,
)

P = ParamSpec("P")
R = TypeVar("R")

WAITING_PER_THREAD = 32


class Overloaded(Exception):
    """The queue of the threads is full."""


class Threads:
    def __init__(self, size: int) -> None:
        self.limit = size * WAITING_PER_THREAD
        self._executor = ThreadPoolExecutor(size, thread_name_prefix="web")
        self._size = size
        self._jobs = 0
        self._lock = Lock()
        web_threads_limit.set(size)
        web_jobs_limit.set(self.limit)
        web_threads_busy.set_function(lambda: min(self._jobs, size))
        web_jobs_waiting.set_function(lambda: self.waiting)

    @property
    def waiting(self) -> int:
        return max(0, self._jobs - self._size)

    async def run(self, job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs the job in a thread. If the caller is cancelled, a running job still completes and a
        waiting one is dropped.

        Raises Overloaded immediately if `limit` jobs are waiting.
        """
        if self.waiting >= self.limit:
            raise Overloaded
        in_context = partial(contextvars.copy_context().run, job, *args, **kwargs)
        future = self._executor.submit(in_context)
        self._count(1)
        future.add_done_callback(lambda _: self._count(-1))
        return await asyncio.wrap_future(future)

    def _count(self, change: int) -> None:
        with self._lock:
            self._jobs += change


@cache
def _threads() -> Threads:
    return Threads(conf.WEB_THREADS)


async def run(job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a job that closes its own database connections, as a request does."""
    return await _threads().run(job, *args, **kwargs)


async def query(job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a job that uses the database, and returns its connection to the pool."""

    def with_connections(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return job(*args, **kwargs)
        finally:
            close_old_connections()

    return await _threads().run(with_connections, *args, **kwargs)


class MonitoringPool:
    """Threads for monitoring, independent of busy worker threads. Its queue is bounded as well:
    anyone can request a page that has no token."""

    THREADS, MAX_JOBS = 2, 16  # running and waiting

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(self.THREADS, thread_name_prefix="monitoring")
        self._slots = BoundedSemaphore(self.MAX_JOBS)

    async def run(self, job: Callable[..., R], *args: Any) -> R:
        if not self._slots.acquire(blocking=False):
            raise Overloaded
        try:
            future = self._executor.submit(job, *args)
        except RuntimeError:  # the executor was shut down
            self._slots.release()
            raise
        future.add_done_callback(lambda _: self._slots.release())
        return await asyncio.wrap_future(future)


@cache
def _monitoring_pool() -> MonitoringPool:
    return MonitoringPool()


async def run_monitoring(job: Callable[..., R], *args: Any) -> R:
    """Runs a job of monitoring. Raises Overloaded immediately if too many are waiting."""
    return await _monitoring_pool().run(job, *args)
