"""Who is asking: by Bearer token, or by session with CSRF protection."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from apps.accounts.exceptions import BadToken, ExpiredToken
from apps.accounts.models import ApiToken, User
from apps.accounts.services import token_digest
from apps.core import context
from apps.core.exceptions import Refusal, Unauthenticated


def user_by_token(secret: str) -> User:
    """Raises BadToken or ExpiredToken."""
    token = ApiToken.objects.select_related("user").filter(digest=token_digest(secret)).first()
    if token is None or not token.user.is_active:
        raise BadToken
    if token.expires_at <= timezone.now():
        raise ExpiredToken
    return token.user


def user_of_token(secret: str) -> int | None:
    """For sockets, whose client cannot be told why."""
    try:
        return user_by_token(secret).pk
    except Refusal:
        return None


class Authenticated(HttpBearer):
    """A token decides where one is sent; only then does a session count."""

    def __call__(self, request: HttpRequest) -> User:
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != self.openapi_scheme:
                raise BadToken
            request.user = self.authenticate(request, secret.strip())
        elif not request.user.is_authenticated:
            raise Unauthenticated
        elif check_csrf(request):
            raise HttpError(403, "CSRF check failed")
        assert isinstance(request.user, User)
        context.bind(user_id=request.user.pk)
        return request.user

    def authenticate(self, request: HttpRequest, token: str) -> User:
        return user_by_token(token)


def user(request: HttpRequest) -> User:
    """The signed-in user of a request that passed `Authenticated`."""
    assert isinstance(request.user, User)
    return request.user
