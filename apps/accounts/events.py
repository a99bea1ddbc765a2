"""Who signs in, is refused and is given what: the audit trail's, and nobody else's."""

import logging
from dataclasses import dataclass
from typing import ClassVar

from apps.accounts import metrics
from apps.events.recording import Audience, Event


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class TokenIssued(AccountEvent):
    """To who gave the right password, so it is an attempt to sign in that succeeded."""

    name = "account.token_issued"

    token_id: int

    def count(self) -> None:
        metrics.sign_ins.labels("succeeded").inc()


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(AccountEvent):
    name = "account.token_revoked"

    token_id: int


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(AccountEvent):
    """Whoever did it, the user or somebody of staff: the tokens of before are no longer valid."""

    name = "account.password_changed"

    tokens_revoked: int


class RolesChanged(AccountEvent):
    """Recorded with what the roles were and are. Where a command did it, nobody knows who."""

    name = "account.roles_changed"
    level = logging.WARNING

    def actor_id(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class GroupChanged(Event):
    """Recorded with the permissions that its members had by it, and have."""

    name = "account.group_changed"
    stream = "groups"
    audience = Audience.PRIVATE
    level = logging.WARNING

    group_id: int


@dataclass(frozen=True, kw_only=True)
class SignInFailed(AccountEvent):
    """Somebody knew the name, and not the password; `locked_out`, was not even asked for it."""

    name = "account.sign_in_failed"
    level = logging.WARNING

    locked_out: bool

    def actor_id(self) -> None:
        return None

    def count(self) -> None:
        metrics.sign_ins.labels("locked_out" if self.locked_out else "failed").inc()


@dataclass(frozen=True, kw_only=True)
class UnknownSignInFailed(Event):
    """Nobody has the name. It may be a password, typed into the wrong field: what is kept is a
    digest, by which two attempts can be seen to be of one name."""

    name = "account.unknown_sign_in_failed"
    stream = "unknown-sign-ins:{shard}"
    audience = Audience.PRIVATE
    level = logging.WARNING

    shard: int
    name_digest: str
    locked_out: bool

    def count(self) -> None:
        metrics.sign_ins.labels("locked_out" if self.locked_out else "failed").inc()


@dataclass(frozen=True, kw_only=True)
class PermissionRefused(AccountEvent):
    """Answered with a 403; `route` is the pattern of the address, not what was filled in."""

    name = "account.permission_refused"
    level = logging.WARNING

    method: str
    route: str

    def count(self) -> None:
        metrics.permissions_refused.inc()
