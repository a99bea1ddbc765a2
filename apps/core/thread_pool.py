"""The worker threads of a process: a fixed number, with a bounded queue.

Blocking code runs here, with one hop in and one out, in the caller's context variables. Threads
keep their database connections (SQLite) or return them to the pool (PostgreSQL).
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from threading import Lock
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from apps.core.conf import conf
from apps.core.metrics import web_jobs_limit, web_jobs_waiting, web_threads_busy, web_threads_limit

P = ParamSpec("P")
R = TypeVar("R")

WAITING_PER_THREAD = 32


class Overloaded(Exception):
    """The queue of the threads is full."""


class Threads:
    """`size` threads and a queue of at most `limit` jobs."""

    def __init__(self, name: str, size: int, limit: int) -> None:
        self.size, self.limit = size, limit
        self._executor = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._jobs = 0
        self._lock = Lock()

    @property
    def busy(self) -> int:
        return min(self._jobs, self.size)

    @property
    def waiting(self) -> int:
        return max(0, self._jobs - self.size)

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
def web_threads() -> Threads:
    threads = Threads("web", conf.WEB_THREADS, conf.WEB_THREADS * WAITING_PER_THREAD)
    web_threads_limit.set(threads.size)
    web_jobs_limit.set(threads.limit)
    web_threads_busy.set_function(lambda: threads.busy)
    web_jobs_waiting.set_function(lambda: threads.waiting)
    return threads


@cache
def monitoring_threads() -> Threads:
    """Independent of busy web threads. The queue is bounded as well: anyone can request a metrics
    page that has no token."""
    return Threads("monitoring", 2, 14)


async def query(job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a job that uses the database, and returns its connection to the pool."""

    def with_connections() -> R:
        close_old_connections()
        try:
            return job(*args, **kwargs)
        finally:
            close_old_connections()

    return await web_threads().run(with_connections)
