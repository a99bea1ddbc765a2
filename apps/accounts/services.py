import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.events import AccountCreated, TokenIssued
from apps.accounts.exceptions import BadCredentials, UsernameTaken, WeakPassword
from apps.accounts.models import ApiToken, User
from apps.core.events import record


def account_create(*, username: str, password: str) -> User:
    """Raises UsernameTaken, without regard to case, and WeakPassword."""
    user = User(username=username)
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise WeakPassword(password=" ".join(fault.messages)) from None
    if User.objects.filter(username__iexact=username).exists():
        raise UsernameTaken
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            record(AccountCreated(user_id=user.pk))
    except IntegrityError:
        raise UsernameTaken from None
    return user


def token_create(*, username: str, password: str) -> tuple[ApiToken, str]:
    """The token and its secret, which is not kept. Raises BadCredentials."""
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise BadCredentials
    secret = f"dc_{secrets.token_urlsafe(32)}"
    expires_at = timezone.now() + timedelta(days=settings.API_TOKEN_DAYS)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, digest=token_digest(secret), expires_at=expires_at
        )
        record(TokenIssued(user_id=user.pk))
    return token, secret


def token_digest(secret: str) -> str:
    """Tokens are random and long, so a fast digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
