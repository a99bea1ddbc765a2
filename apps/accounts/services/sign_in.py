from django.contrib.auth import authenticate, login
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
    """Signs a new user in without the password check: earlier attempts with this name may have
    caused a lockout."""
    login(request, user, backend=BACKEND)


def user_by_password(request: HttpRequest | None, *, username: str, password: str) -> User:
    """Raises BadCredentials, LockedOut and TooManyRequests. Without a request, attempts are not
    counted."""
    user = authenticate(request, username=username, password=password)
    if lockout.is_locked_out(request):
        raise lockout.locked_out()
    if not isinstance(user, User):
        raise BadCredentials
    lockout.reset_failures(request, username)
    return user
