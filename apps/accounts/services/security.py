"""What the audit trail is told of sign-in and of refusals.

A client can cause refusals as fast as it likes, and each record takes its stream's lock. So a
stream has "security_records" a minute from each process, and the streams of unknown names, which
are 16, have "unknown_sign_ins" on top. What is more is counted, and no record.
"""

import zlib

from django.db import transaction
from django.utils.crypto import salted_hmac

from apps.accounts import metrics
from apps.accounts.events import (
    PermissionRefused,
    SignedIn,
    SignedOut,
    SignInFailed,
    UnknownSignInFailed,
)
from apps.accounts.models import User
from apps.core import context, rate_limits
from apps.events.recording import Event, record

SHARDS = 16


@transaction.atomic
def signed_in(*, user_id: int) -> None:
    record(SignedIn(user_id=user_id))


@transaction.atomic
def signed_out(*, user_id: int) -> None:
    record(SignedOut(user_id=user_id))


def sign_in_failed(*, username: str, locked_out: bool) -> None:
    known = User.objects.filter(username=username).values_list("pk", flat=True).first()
    if known is not None:
        failed = SignInFailed(user_id=known, locked_out=locked_out)
        return _note(failed, rate_limits.try_acquire("security_records", f"account:{known}"))
    address = context.client()
    shard = zlib.crc32(address.encode()) % SHARDS
    unknown = UnknownSignInFailed(
        shard=shard, name_digest=_name_digest(username), locked_out=locked_out
    )
    room = rate_limits.try_acquire("security_records", address or "-")
    return _note(unknown, room and rate_limits.try_acquire("unknown_sign_ins", str(shard)))


def permission_refused(*, user_id: int, method: str, route: str) -> None:
    refused = PermissionRefused(user_id=user_id, method=method, route=route)
    _note(refused, rate_limits.try_acquire("security_records", f"account:{user_id}"))


def _note(event: Event, has_room: bool) -> None:
    if not has_room:
        metrics.security_events_unrecorded.labels(event.name).inc()
        return event.count()
    with transaction.atomic():
        record(event)
    return None


def _name_digest(username: str) -> str:
    digest = salted_hmac("apps.accounts.names", username.casefold(), algorithm="sha256")
    return digest.hexdigest()[:16]
