"""Protection of sign-in, on pages, in the admin and for API tokens alike: django-axes, made ours.

So many wrong passwords for one name from one address, and this name is not tried from there for a
while. Other addresses are not kept out, so that nobody can lock somebody else out of everything.
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
        """Raises TooManyRequests, or what makes Django ask no other backend. Who asks without a
        request is no client of ours: a shell."""
        if request is not None:
            rate_limits.check("sign_in", client_ip.of_request(request))
            super().authenticate(request, **credentials)


class AxesHandler(AxesCacheHandler):
    """Counts in the cache. While that does not answer, sign-in goes on without a guard."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        with _unchecked_without_redis():
            found: int = super().get_failures(request, credentials)
            return found
        return 0

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **more: Any
    ) -> None:
        with _unchecked_without_redis():
            super().user_login_failed(sender, credentials, request, **more)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **more: Any) -> None:
        self.forget(request, user.get_username())

    def forget(self, request: HttpRequest, username: str) -> None:
        with _unchecked_without_redis():
            for key in get_client_cache_keys(request, {"username": username}):
                self.cache.delete(key)


@contextmanager
def _unchecked_without_redis() -> Iterator[None]:
    try:
        yield
    except RedisError:
        metrics.rate_limits_unchecked.inc()
        rate_limits.logger.exception("Attempts to sign in are not counted")


def is_locked_out(request: HttpRequest | None) -> bool:
    return bool(getattr(request, "axes_locked_out", False))


def forget(request: HttpRequest | None, username: str) -> None:
    """The right password begins the count anew."""
    if request is not None:
        AxesProxyHandler.get_implementation().forget(request, username)


def locked_out(request: HttpRequest | None = None) -> LockedOut:
    """For as long as it can be, at most."""
    cool_off = get_cool_off(request)
    assert cool_off is not None
    return LockedOut(retry_after=int(cool_off.total_seconds()))


def answer(request: HttpRequest, original: HttpResponse, credentials: Any) -> HttpResponse:
    """For axes' middleware: the admin's sign-in page knows nothing of locks; ours say so."""
    said = original.status_code == LockedOut.status
    return original if said else throttling.answer(request, locked_out(request))


def client(*_: Any) -> str:
    """For axes' log lines, without the name: it may be a password in the wrong field."""
    return "a client"
