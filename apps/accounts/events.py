"""Security events, for the audit trail only."""

import logging

from apps.accounts import metrics
from apps.events.recording import Audience, Event


class AccountEvent(Event):
    stream = "account:{user_id}"
    audience = Audience.PRIVATE

    user_id: int

    def actor_id(self) -> int | None:
        return self.user_id


class AccountCreated(AccountEvent):
    name = "account.created"


class SignedIn(AccountEvent):
    name = "account.signed_in"

    def count(self) -> None:
        metrics.sign_ins.labels("succeeded").inc()


class SignedOut(AccountEvent):
    name = "account.signed_out"


class TokenIssued(AccountEvent):
    """Also counts as a successful sign-in: it needs the password."""

    name = "account.token_issued"

    token_id: int

    def count(self) -> None:
        metrics.sign_ins.labels("succeeded").inc()


class TokenRevoked(AccountEvent):
    name = "account.token_revoked"

    token_id: int


class PasswordChanged(AccountEvent):
    """By the user or by staff. All existing tokens were revoked."""

    name = "account.password_changed"

    tokens_revoked: int


class RolesChanged(AccountEvent):
    """Recorded with the roles before and after. A management command has no actor."""

    name = "account.roles_changed"
    level = logging.WARNING

    def actor_id(self) -> None:
        return None


class GroupChanged(Event):
    """Recorded with the group's permissions before and after."""

    name = "account.group_changed"
    stream = "groups"
    audience = Audience.PRIVATE
    level = logging.WARNING

    group_id: int


class FailedSignIn(Event):
    """If `locked_out`, the password was not checked."""

    audience = Audience.PRIVATE
    level = logging.WARNING

    locked_out: bool

    def count(self) -> None:
        metrics.sign_ins.labels("locked_out" if self.locked_out else "failed").inc()


class SignInFailed(FailedSignIn):
    """A wrong password for an existing user."""

    name = "account.sign_in_failed"
    stream = AccountEvent.stream

    user_id: int


class UnknownSignInFailed(FailedSignIn):
    """No user has the name. It may be a mistyped password, so only a digest is stored: equal names
    have equal digests."""

    name = "account.unknown_sign_in_failed"
    stream = "unknown-sign-ins:{shard}"

    shard: int
    name_digest: str


class PermissionRefused(AccountEvent):
    """A 403 response. `route` is the URL pattern, without values."""

    name = "account.permission_refused"
    level = logging.WARNING

    method: str
    route: str

    def count(self) -> None:
        metrics.permissions_refused.inc()
