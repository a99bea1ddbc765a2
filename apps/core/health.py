"""Probes: `/healthz` answers while the process lives, `/readiness` checks its dependencies."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler

from apps.core.conf import conf
from apps.core.http import responses
from apps.core.types import App, Receive, Scope, Send

logger = logging.getLogger(__name__)

CHECK_TIMEOUT = 1.0  # seconds
CACHE_SECONDS = 0.5
ERRORS = {
    "database": "Database connection failed",
    "redis": "Redis connection failed",
    "channel_layer": "Channel layer unavailable",
}
Check = Callable[[], Awaitable[str]]
_thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")


@cache
def _connections() -> ConnectionHandler:
    """A connection outside the pool, whose queries do not count as the application's."""
    default = connections.settings["default"]
    options = {name: value for name, value in default["OPTIONS"].items() if name != "pool"}
    engine = default["ENGINE"].replace("django_prometheus.db", "django.db")
    return ConnectionHandler({"default": {**default, "ENGINE": engine, "OPTIONS": options}})


def _select_one() -> None:
    connection = _connections()["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        connection.close()
        raise


class DatabaseCheck:
    """Runs one query at a time: while one hangs, the next check waits for it and times out."""

    def __init__(self) -> None:
        self._pending: asyncio.Future[None] | None = None

    async def __call__(self) -> str:
        if connections.settings["default"]["ENGINE"] == "django.db.backends.dummy":
            return "disabled"
        if self._pending is None or self._pending.done():
            loop = asyncio.get_running_loop()
            self._pending = loop.run_in_executor(_thread, _select_one)
            self._pending.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._pending)
        return "ok"


async def check_redis() -> str:
    if not conf.REDIS_URL:
        return "disabled"
    from redis.asyncio import from_url  # noqa: PLC0415 optional

    timeouts = {"socket_timeout": CHECK_TIMEOUT, "socket_connect_timeout": CHECK_TIMEOUT}
    async with from_url(conf.REDIS_URL, **timeouts) as client:
        await client.ping()
    return "ok"


async def check_channel_layer() -> str:
    """Sends a message to itself, on a channel of the default prefix: all channels of a prefix share
    a queue, and the layer reads one queue at a time."""
    if not getattr(settings, "CHANNEL_LAYERS", None):
        return "disabled"
    from channels.layers import get_channel_layer  # noqa: PLC0415 optional

    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "readiness"})
    await layer.receive(channel)
    return "ok"


class Readiness:
    """Runs all checks concurrently and caches the report for CACHE_SECONDS.

    A check is a coroutine function that returns "ok" or "disabled", or raises. Projects add their
    own to `checks`.
    """

    def __init__(self) -> None:
        self.checks: dict[str, Check] = {
            "database": DatabaseCheck(),
            "redis": check_redis,
            "channel_layer": check_channel_layer,
        }
        self._lock = asyncio.Lock()
        self._report: dict[str, str] = {}
        self._expires_at = 0.0

    async def report(self) -> dict[str, str]:
        async with self._lock:
            if time.monotonic() >= self._expires_at:
                states = await asyncio.gather(*map(self._run, self.checks))
                self._report = _report(dict(zip(self.checks, states, strict=True)))
                self._expires_at = time.monotonic() + CACHE_SECONDS
            return self._report

    async def _run(self, name: str) -> str:
        try:
            return await asyncio.wait_for(self.checks[name](), CHECK_TIMEOUT)
        except Exception as error:
            # Details are for the log only: anyone can read the report.
            logger.warning("Readiness check failed", extra={"check": name, "error": repr(error)})
            return "error"


def _report(states: dict[str, str]) -> dict[str, str]:
    failed = [name for name, state in states.items() if state == "error"]
    errors = [ERRORS.get(name, f"Check of {name} failed") for name in failed]
    report = {"status": "not_ready" if failed else "ready"} | states
    report |= {"error": "; ".join(errors)} if failed else {}
    return report | {"timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


class Probes:
    """ASGI middleware that answers the probes on the event loop: independent of the Host header
    and of busy worker threads."""

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
        return await responses.send_json(send, 200 if report["status"] == "ready" else 503, report)
