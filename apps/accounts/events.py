"""Security events, for the audit trail only."""

import logging
from typing import ClassVar

from apps.accounts import metrics
from apps.events.recording import Audience, Event


class AccountEvent(Event):
    stream: ClassVar[str] = "account:{user_id}"
    audience = Audience.PRIVATE
    level: ClassVar[int] = logging.INFO

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


class SignInFailed(AccountEvent):
    """A wrong password for an existing user. If `locked_out`, the password was not checked."""

    name = "account.sign_in_failed"
    level = logging.WARNING

    locked_out: bool

    def actor_id(self) -> None:
        return None

    def count(self) -> None:
        metrics.sign_ins.labels("locked_out" if self.locked_out else "failed").inc()


class UnknownSignInFailed(Event):
    """No user has the name. It may be a mistyped password, so only a digest is stored: equal names
    have equal digests."""

    name = "account.unknown_sign_in_failed"
    stream = "unknown-sign-ins:{shard}"
    audience = Audience.PRIVATE
    level = logging.WARNING

    shard: int
    name_digest: str
    locked_out: bool

    def count(self) -> None:
        metrics.sign_ins.labels("locked_out" if self.locked_out else "failed").inc()


class PermissionRefused(AccountEvent):
    """A 403 response. `route` is the URL pattern, without values."""

    name = "account.permission_refused"
    level = logging.WARNING

    method: str
    route: str

    def count(self) -> None:
        metrics.permissions_refused.inc()
