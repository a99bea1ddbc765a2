"""The worker threads of a process: a fixed number, with a bound on what waits for them.

Everything that blocks runs here, once in and once out, with the caller's context variables. The
threads are kept, and so are their database connections (SQLite) or their turns at the pool's
(Postgres).
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
    """More work waits for a thread than may."""


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
        """Runs the job in a thread. Once begun it goes on to its end, even where the caller is
        cancelled; before, it is dropped then.

        Raises Overloaded, at once, where `limit` jobs are waiting already.
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
    """Runs a job that leaves its database connection as a request does."""
    return await _threads().run(job, *args, **kwargs)


async def query(job: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a job that reads or writes the database, and gives the connection back."""

    def with_connections(*args: P.args, **kwargs: P.kwargs) -> R:
        close_old_connections()
        try:
            return job(*args, **kwargs)
        finally:
            close_old_connections()

    return await _threads().run(with_connections, *args, **kwargs)


class Aside:
    """Threads for what monitoring needs, whatever the worker threads are doing. A page that is open
    may be asked for by anybody, as often as they like: what waits for a thread has a bound too."""

    THREADS, MOST = 2, 16  # at work, and with those that wait

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(self.THREADS, thread_name_prefix="aside")
        self._room = BoundedSemaphore(self.MOST)

    async def run(self, job: Callable[..., R], *args: Any) -> R:
        """Raises Overloaded, at once, where MOST jobs are not done."""
        if not self._room.acquire(blocking=False):
            raise Overloaded
        try:
            future = self._executor.submit(job, *args)
        except RuntimeError:  # it has shut down
            self._room.release()
            raise
        future.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(future)


@cache
def _aside() -> Aside:
    return Aside()


async def aside(job: Callable[..., R], *args: Any) -> R:
    """Runs what monitoring needs. Raises Overloaded, at once, where too much of it waits."""
    return await _aside().run(job, *args)
