from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from apps.accounts.events import AccountCreated, PasswordChanged
from apps.accounts.exceptions import UsernameTaken, WeakPassword
from apps.accounts.models import ApiToken, User
from apps.accounts.services.sign_in import user_by_password
from apps.core import context, rate_limits
from apps.events.recording import record


def account_create(*, username: str, password: str) -> User:
    """Usernames are unique regardless of case. Raises UsernameTaken, WeakPassword and
    TooManyRequests."""
    rate_limits.check("sign_up", context.client())
    user = User(username=username)
    _check(password, user)
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


def password_change(*, request: HttpRequest, user: User, current: str, new: str) -> None:
    """Revokes all tokens and ends all sessions of the user. The caller keeps its own session with
    `update_session_auth_hash`. Raises BadCredentials, LockedOut and WeakPassword."""
    user_by_password(request, username=user.username, password=current)
    _check(new, user)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        password_changed(user_id=user.pk)


@transaction.atomic
def password_changed(*, user_id: int) -> None:
    """Revokes all tokens: the old password may have been compromised."""
    revoked, _ = ApiToken.objects.filter(user_id=user_id).delete()
    record(PasswordChanged(user_id=user_id, tokens_revoked=revoked))


def _check(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(password=" ".join(error.messages)) from None
