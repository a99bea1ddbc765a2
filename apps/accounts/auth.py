"""Authentication by Bearer token, or by session with CSRF protection."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from apps.accounts.exceptions import BadToken, ExpiredToken
from apps.accounts.models import ApiToken, User
from apps.accounts.services import token_digest
from apps.core import context, rate_limits
from apps.core.exceptions import DomainError, Unauthenticated
from apps.core.types import Scope

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


def user_by_token(secret: str) -> User:
    """Raises BadToken or ExpiredToken."""
    token = ApiToken.objects.select_related("user").filter(digest=token_digest(secret)).first()
    if token is None or not token.user.is_active:
        raise BadToken
    if token.expires_at <= timezone.now():
        raise ExpiredToken
    return token.user


def user_id_by_token(secret: str) -> int | None:
    """None for an invalid token: a rejected WebSocket handshake has no error message."""
    user = _user_by_valid_token(secret)
    return None if user is None else user.pk


def viewer(request: HttpRequest) -> User | None:
    """The user of a public endpoint. None for an invalid token."""
    return _viewer(request, request.headers.get("Authorization", ""))


def viewer_of_socket(scope: Scope) -> User | None:
    """By token, or by the session of a page."""
    headers = {name: value.decode("latin1") for name, value in scope["headers"]}
    request = HttpRequest()
    key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request.user = get_user(request)
    return _viewer(request, headers.get(b"authorization", ""))


def _viewer(request: HttpRequest, authorization: str) -> User | None:
    secret = _bearer_secret(authorization)
    return optional_user(request) if secret is None else _user_by_valid_token(secret)


def _user_by_valid_token(secret: str) -> User | None:
    try:
        return user_by_token(secret)
    except DomainError:
        return None


def _bearer_secret(authorization: str) -> str | None:
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


class Authenticated(HttpBearer):
    """A token takes precedence over a session."""

    def __call__(self, request: HttpRequest) -> User:
        header = request.headers.get("Authorization")
        if header is not None:
            request.user = self.authenticate(request, _bearer_secret(header) or "")
        elif not request.user.is_authenticated:
            raise Unauthenticated
        elif check_csrf(request):
            raise HttpError(403, "CSRF check failed")
        assert isinstance(request.user, User)
        context.bind(user_id=request.user.pk)
        check_write_rate(request)
        return request.user

    def authenticate(self, request: HttpRequest, token: str) -> User:
        return user_by_token(token)


def check_write_rate(request: HttpRequest) -> None:
    """Raises TooManyRequests if the user exceeds the "writes" limit."""
    if request.method not in SAFE_METHODS:
        rate_limits.check("writes", str(request.user.pk))


def user(request: HttpRequest) -> User:
    """The signed-in user, after `Authenticated` or `sign_in_required`."""
    assert isinstance(request.user, User)
    return request.user


def optional_user(request: HttpRequest) -> User | None:
    """The signed-in user of a page, or None."""
    return request.user if isinstance(request.user, User) else None
