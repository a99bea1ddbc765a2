"""Background jobs of a web process, on its event loop.

Started by the ASGI lifespan protocol, which `server` adds to daphne, or by the first connection
under a server without it.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Sequence

import sentry_sdk

from apps.core import context, thread_pool
from apps.core.types import App, Receive, Scope, Send

logger = logging.getLogger(__name__)

Job = Callable[[], object]
# Allocations between collections. With the startup objects frozen, this halves the p99 of Python's
# default: benchmarks/collector.py
GC_THRESHOLDS: tuple[int, ...] = (50_000, 20, 20)


class Lifespan:
    """ASGI middleware that runs each job immediately and then every so many seconds. Jobs run one
    at a time in a worker thread: without a database, they block one thread only."""

    def __init__(self, app: App, jobs: list[tuple[float, Job]], on_start: Sequence[Job]) -> None:
        self.app = app
        self.jobs = jobs
        self.on_start = on_start
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._tasks:
            self._start()
        if scope["type"] != "lifespan":
            return await self.app(scope, receive, send)
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        return await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        for hook in self.on_start:
            hook()
        lock = asyncio.Lock()
        self._tasks = [asyncio.create_task(_repeat(*job, lock)) for job in self.jobs]


async def _repeat(seconds: float, job: Job, lock: asyncio.Lock) -> None:
    while True:
        ids = context.bound(request_id=context.new_id(), trace_id=context.new_id())
        async with lock:
            with sentry_sdk.isolation_scope() as scope, ids:
                scope.clear()
                try:
                    await thread_pool.query(job)
                except Exception:  # the next turn retries
                    logger.exception("Lifespan job failed")
        await asyncio.sleep(seconds)
