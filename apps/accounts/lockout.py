"""Sign-in lockout with django-axes, for pages, the admin and API tokens.

Locks a combination of username and IP address. An attacker cannot lock a user out elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.cache import AxesCacheHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_cache_keys, get_cool_off
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from apps.accounts.exceptions import LockedOut
from apps.core import metrics, rate_limits
from apps.core.http import client_ip
from apps.web import throttling


class AxesBackend(AxesStandaloneBackend):
    """The first of AUTHENTICATION_BACKENDS."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Raises TooManyRequests, or PermissionDenied for a locked combination. Without a request,
        as in a shell, nothing is checked."""
        if request is not None:
            rate_limits.check("sign_in", client_ip.of_request(request))
            super().authenticate(request, **credentials)


class AxesHandler(AxesCacheHandler):
    """Counts failures in the cache. While Redis is unavailable, sign-in is not protected."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        with _ignore_redis_errors():
            failures: int = super().get_failures(request, credentials)
            return failures
        return 0

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> None:
        with _ignore_redis_errors():
            super().user_login_failed(sender, credentials, request, **kwargs)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        self.reset_failures(request, user.get_username())

    def reset_failures(self, request: HttpRequest, username: str) -> None:
        with _ignore_redis_errors():
            for key in get_client_cache_keys(request, {"username": username}):
                self.cache.delete(key)


@contextmanager
def _ignore_redis_errors() -> Iterator[None]:
    try:
        yield
    except RedisError:
        metrics.rate_limits_unchecked.inc()
        rate_limits.logger.exception("Attempts to sign in are not counted")


def is_locked_out(request: HttpRequest | None) -> bool:
    return bool(getattr(request, "axes_locked_out", False))


def reset_failures(request: HttpRequest | None, username: str) -> None:
    if request is not None:
        AxesProxyHandler.get_implementation().reset_failures(request, username)


def locked_out(request: HttpRequest | None = None) -> LockedOut:
    """`retry_after` is the longest possible time."""
    cool_off = get_cool_off(request)
    assert cool_off is not None
    return LockedOut(retry_after=int(cool_off.total_seconds()))


def lockout_response(
    request: HttpRequest, original: HttpResponse, credentials: Any
) -> HttpResponse:
    """For AxesMiddleware: the admin's sign-in page does not handle a lockout."""
    if original.status_code == LockedOut.status:
        return original
    return throttling.too_many_requests(request, locked_out(request))


def client_label(*_: Any) -> str:
    """Replaces the username in django-axes' log lines: it may be a mistyped password."""
    return "a client"
