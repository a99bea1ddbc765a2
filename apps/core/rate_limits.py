"""How often something may be done, by whom: RATE_LIMITS names each limit and says how many.

    rate_limits.check("sign_up", context.client())

Counted over a sliding window, in Redis where there is one, so that all processes count together.
While Redis does not answer, everything is let through: who guards the door must not lock it. What
no limit is declared for, and who has no name, is not limited.
"""

import logging
import math
import time
from functools import cache, lru_cache

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from apps.core.conf import conf
from apps.core.exceptions import TooManyRequests
from apps.core.metrics import rate_limited, rate_limits_unchecked

logger = logging.getLogger(__name__)

SOCKET_SECONDS = 0.5
ASKED_AGAIN_SECONDS = 5.0  # who waits for Redis holds a worker thread

Window = SlidingWindowCounterRateLimiter


def check(limit: str, who: str) -> None:
    """Counts one. Raises TooManyRequests where it is one too many."""
    rate = _rate(limit)
    if rate is None or not who:
        return
    shared = _shared()
    if not shared.hit(rate, limit, who):
        rate_limited.labels(limit).inc()
        raise TooManyRequests(retry_after=shared.seconds(rate, limit, who))


def try_acquire(limit: str, who: str) -> bool:
    """Counts one, in this process alone and whatever Redis does. False where it is one too many."""
    rate = _rate(limit)
    if rate is None or _own().hit(rate, limit, who):
        return True
    rate_limited.labels(limit).inc()
    return False


class Shared:
    """The window that all processes count in."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._asked_again_at = 0.0

    def hit(self, rate: RateLimitItem, *who: str) -> bool:
        if time.monotonic() >= self._asked_again_at:
            try:
                return self._window.hit(rate, *who)
            except StorageError:
                self._asked_again_at = time.monotonic() + ASKED_AGAIN_SECONDS
                logger.exception("Rate limits are not checked")
        rate_limits_unchecked.inc()
        return True

    def seconds(self, rate: RateLimitItem, *who: str) -> int:
        """Until there is room for one more; where that cannot be told, until there must be."""
        try:
            reset = self._window.get_window_stats(rate, *who).reset_time
        except StorageError:
            return rate.get_expiry()
        return max(1, math.ceil(reset - time.time()))


def _rate(limit: str) -> RateLimitItem | None:
    text = conf.RATE_LIMITS.get(limit)
    return _parsed(text) if text else None


@lru_cache(64)
def _parsed(text: str) -> RateLimitItem:
    return parse(text)


@cache
def _shared() -> Shared:
    if not conf.REDIS_URL:
        return Shared(_own())
    storage = storage_from_string(
        conf.REDIS_URL,
        wrap_exceptions=True,
        key_prefix="limits",
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
    )
    return Shared(Window(storage))


@cache
def _own() -> Window:
    return Window(MemoryStorage())
