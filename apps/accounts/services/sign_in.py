from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest

from apps.accounts import lockout
from apps.accounts.exceptions import BadCredentials
from apps.accounts.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


def session_start(request: HttpRequest, *, username: str, password: str) -> User:
    """Signs the browser in. Raises BadCredentials, LockedOut and TooManyRequests."""
    user = user_by_password(request, username=username, password=password)
    login(request, user)
    return user


def session_begin(request: HttpRequest, *, user: User) -> None:
    """Signs the browser in as somebody who has just signed up: the password is not asked for again,
    as wrong ones for that name, from before it was theirs, may have been too many."""
    login(request, user, backend=BACKEND)


def session_end(request: HttpRequest) -> None:
    """Signs the browser out, or does nothing where nobody is signed in."""
    logout(request)


def user_by_password(request: HttpRequest | None, *, username: str, password: str) -> User:
    """Raises BadCredentials, LockedOut and TooManyRequests. Without a request, as in a shell,
    nobody counts the attempts."""
    user = authenticate(request, username=username, password=password)
    if lockout.is_locked_out(request):
        raise lockout.locked_out()
    if not isinstance(user, User):
        raise BadCredentials
    lockout.forget(request, username)
    return user
