"""The probes: `/healthz` says the process lives, `/readiness` that what it needs answers."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import Any

import redis.asyncio
from channels.layers import get_channel_layer
from django.conf import settings
from django.db.utils import ConnectionHandler

from apps.core.conf import conf
from apps.core.http import responses
from apps.core.types import App, Receive, Scope, Send

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 1.0
REUSED_SECONDS = 0.5
FAILURES = {
    "database": "Database connection failed",
    "redis": "Redis connection failed",
    "channel_layer": "Channel layer unavailable",
}


def _failure(check: str) -> str:
    """In the guide's words; a project may add checks of its own."""
    return FAILURES.get(check, f"Check of {check} failed")


@cache
def _connections() -> ConnectionHandler:
    """The probe's own connection: outside the pool, and not counted as the application's."""
    default = settings.DATABASES["default"]
    options = {key: value for key, value in default["OPTIONS"].items() if key != "pool"}
    engine = default["ENGINE"].replace("django_prometheus.db", "django.db")
    return ConnectionHandler({"default": {**default, "ENGINE": engine, "OPTIONS": options}})


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="readiness")


def _select_one() -> None:
    connection = _connections()["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        connection.close()
        raise


class DatabaseCheck:
    """One query at a time: while one hangs, the next check fails instead of piling up."""

    def __init__(self) -> None:
        self._pending: asyncio.Future[None] | None = None

    async def __call__(self) -> str:
        if self._pending is None or self._pending.done():
            loop = asyncio.get_running_loop()
            self._pending = loop.run_in_executor(_thread(), _select_one)
            self._pending.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._pending)
        return "ok"


async def check_redis() -> str:
    if not conf.REDIS_URL:
        return "disabled"
    client = redis.asyncio.from_url(
        conf.REDIS_URL, socket_timeout=LIMIT_SECONDS, socket_connect_timeout=LIMIT_SECONDS
    )
    async with client:
        await client.ping()
    return "ok"


async def check_channel_layer() -> str:
    """Sends itself a message through the layer. On a channel of the default prefix: all of one
    prefix share a queue, and the layer reads one queue at a time."""
    layer = get_channel_layer()
    if layer is None:
        return "disabled"
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "readiness"})
    await layer.receive(channel)
    return "ok"


Check = Callable[[], Awaitable[str]]


class Readiness:
    """All checks side by side, each within a second; asked again at once, it repeats itself."""

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {
            "database": DatabaseCheck(),
            "redis": check_redis,
            "channel_layer": check_channel_layer,
        }
        self._lock = asyncio.Lock()
        self._told: dict[str, Any] = {}
        self._until = 0.0

    async def report(self) -> dict[str, Any]:
        async with self._lock:
            if time.monotonic() >= self._until:
                self._told = await self._ask()
                self._until = time.monotonic() + REUSED_SECONDS
            return self._told

    async def _ask(self) -> dict[str, Any]:
        states = await asyncio.gather(*(self._state(name) for name in self.checks))
        found = dict(zip(self.checks, states, strict=True))
        failed = [_failure(name) for name, state in found.items() if state == "error"]
        return {
            "status": "not_ready" if failed else "ready",
            **found,
            **({"error": "; ".join(failed)} if failed else {}),
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }

    async def _state(self, name: str) -> str:
        try:
            return await asyncio.wait_for(self.checks[name](), LIMIT_SECONDS)
        except Exception as fault:
            # Any fault of a dependency is an answer here; what it was is for the log alone.
            logger.warning("Readiness check failed", extra={"check": name, "fault": repr(fault)})
            return "error"


class Probes:
    """ASGI middleware: answers the probes on the event loop, whatever the Host header says and
    however busy the worker threads are, and passes the rest on."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.readiness = Readiness()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") not in ("/healthz", "/readiness"):
            return await self.app(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD"):
            return await responses.method_not_allowed(send)
        if scope["path"].startswith("/healthz"):
            return await responses.send_json(send, 200, {"status": "healthy"})
        report = await self.readiness.report()
        await responses.send_json(send, 200 if report["status"] == "ready" else 503, report)
        return None
