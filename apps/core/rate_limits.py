"""Rate limits by name and key. The setting RATE_LIMITS gives the rate of each name.

    rate_limits.check("sign_up", context.client())

Sliding windows, counted in Redis if there is one, so that all processes share them. While Redis is
unavailable everything is allowed: an outage must not lock users out. An undeclared name or an empty
key is not limited.
"""

import logging
import math
import time
from functools import cache

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter as Limiter

from apps.core.conf import conf
from apps.core.exceptions import TooManyRequests
from apps.core.metrics import rate_limited, rate_limits_unchecked

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.5  # seconds
RETRY_AFTER = 5.0  # seconds; each wait for Redis occupies a worker thread


def check(limit: str, key: str) -> None:
    """Counts one action. Raises TooManyRequests if it exceeds the rate."""
    rate = _parse(conf.RATE_LIMITS.get(limit, ""))
    if rate is None or not key:
        return
    shared = _shared()
    if not shared.hit(rate, limit, key):
        rate_limited.labels(limit).inc()
        raise TooManyRequests(retry_after=shared.retry_after(rate, limit, key))


def try_acquire(limit: str, key: str) -> bool:
    """Counts one action in this process only, without Redis. False if it exceeds the rate."""
    rate = _parse(conf.RATE_LIMITS.get(limit, ""))
    if rate is None or _local().hit(rate, limit, key):
        return True
    rate_limited.labels(limit).inc()
    return False


class SharedLimiter(Limiter):
    """The window that all processes share."""

    _retry_at = 0.0

    def hit(self, item: RateLimitItem, *keys: str, cost: int = 1) -> bool:
        if time.monotonic() >= self._retry_at:
            try:
                return super().hit(item, *keys, cost=cost)
            except StorageError:
                self._retry_at = time.monotonic() + RETRY_AFTER
                logger.exception("Rate limits are not checked")
        rate_limits_unchecked.inc()
        return True

    def retry_after(self, rate: RateLimitItem, *keys: str) -> int:
        """Seconds until the next action is allowed; at most the rate's window."""
        try:
            reset = self.get_window_stats(rate, *keys).reset_time
        except StorageError:
            return rate.get_expiry()
        return max(1, math.ceil(reset - time.time()))


@cache
def _parse(text: str) -> RateLimitItem | None:
    return parse(text) if text else None


@cache
def _shared() -> SharedLimiter:
    storage = storage_from_string(
        conf.REDIS_URL or "memory://",
        wrap_exceptions=True,
        key_prefix="limits",
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
    )
    return SharedLimiter(storage)


@cache
def _local() -> Limiter:
    return Limiter(MemoryStorage())
