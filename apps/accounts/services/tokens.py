import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.events import TokenIssued, TokenRevoked
from apps.accounts.exceptions import TokenNotFound
from apps.accounts.models import ApiToken, User
from apps.accounts.services.sign_in import user_by_password
from apps.events.recording import record


def token_create(
    *, username: str, password: str, request: HttpRequest | None = None
) -> tuple[ApiToken, str]:
    """The token and its secret, which is not stored. Raises BadCredentials, LockedOut and
    TooManyRequests."""
    user = user_by_password(request, username=username, password=password)
    secret = f"dc_{secrets.token_urlsafe(32)}"
    expires_at = timezone.now() + timedelta(days=settings.API_TOKEN_DAYS)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, digest=token_digest(secret), expires_at=expires_at
        )
        record(TokenIssued(user_id=user.pk, token_id=token.pk))
    return token, secret


@transaction.atomic
def token_revoke(*, user: User, token_id: int) -> None:
    """Raises TokenNotFound, also for a token of another user."""
    revoked, _ = ApiToken.objects.filter(user=user, pk=token_id).delete()
    if not revoked:
        raise TokenNotFound
    record(TokenRevoked(user_id=user.pk, token_id=token_id))


def token_digest(secret: str) -> str:
    """A fast digest is enough, as tokens are long and random."""
    return hashlib.sha256(secret.encode()).hexdigest()
