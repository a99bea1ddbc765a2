"""What a web process does besides serving, on its event loop.

Started by ASGI's lifespan protocol, which `server` speaks for daphne; by the first connection under
a server that does not.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from apps.core import context, sentry, thread_pool
from apps.core.types import App, Receive, Scope, Send

logger = logging.getLogger(__name__)

Job = Callable[[], object]
# Allocations between collections. With what is there at the start frozen, about half the p99 of
# Python's own settings: benchmarks/collector.py
GC_THRESHOLDS: tuple[int, ...] = (50_000, 20, 20)


class Lifespan:
    """ASGI middleware: runs each job now and every so many seconds, in a worker thread, and one at
    a time: while the database does not answer, they hold up one thread and not all."""

    def __init__(
        self, app: App, jobs: list[tuple[float, Job]], on_start: Sequence[Job] = ()
    ) -> None:
        self.app = app
        self.jobs = jobs
        self.on_start = on_start
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._tasks:
            self._start()
        if scope["type"] != "lifespan":
            return await self.app(scope, receive, send)
        await self._live(receive, send)
        return None

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        for hook in self.on_start:
            hook()
        turn = asyncio.Lock()
        self._tasks = [asyncio.create_task(_repeat(*job, turn)) for job in self.jobs]


async def _repeat(seconds: float, job: Job, turn: asyncio.Lock) -> None:
    while True:
        ids = context.bound(request_id=context.new_id(), trace_id=context.new_id())
        async with turn:
            with sentry.fresh_scope(), ids, _told():
                await thread_pool.query(job)
        await asyncio.sleep(seconds)


@contextmanager
def _told() -> Iterator[None]:
    """A job that fails is tried again at its next turn."""
    try:
        yield
    except Exception:
        logger.exception("Lifespan job failed")
