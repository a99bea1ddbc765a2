"""Records sign-ins and denied permissions.

Clients can cause these events at any rate, and each record locks its stream. So each process
records at most "security_records" per minute for a stream. Unknown names share 16 streams, with
the additional limit "unknown_sign_ins". Events over the limits are only counted.
"""

import zlib

from django.db import transaction
from django.utils.crypto import salted_hmac

from apps.accounts import events, metrics
from apps.accounts.models import User
from apps.core import context, rate_limits
from apps.events.recording import Event, record

SHARDS = 16


@transaction.atomic
def signed_in(*, user_id: int) -> None:
    record(events.SignedIn(user_id=user_id))


@transaction.atomic
def signed_out(*, user_id: int) -> None:
    record(events.SignedOut(user_id=user_id))


def sign_in_failed(*, username: str, locked_out: bool) -> None:
    user_id = User.objects.filter(username=username).values_list("pk", flat=True).first()
    if user_id is not None:
        failed = events.SignInFailed(user_id=user_id, locked_out=locked_out)
        _record(failed, rate_limits.try_acquire("security_records", f"account:{user_id}"))
        return
    address = context.client()
    shard = zlib.crc32(address.encode()) % SHARDS
    unknown = events.UnknownSignInFailed(
        shard=shard, name_digest=_name_digest(username), locked_out=locked_out
    )
    allowed = rate_limits.try_acquire("security_records", address or "-")
    _record(unknown, allowed and rate_limits.try_acquire("unknown_sign_ins", str(shard)))


def permission_refused(*, user_id: int, method: str, route: str) -> None:
    refused = events.PermissionRefused(user_id=user_id, method=method, route=route)
    _record(refused, rate_limits.try_acquire("security_records", f"account:{user_id}"))


def _record(event: Event, allowed: bool) -> None:
    if allowed:
        with transaction.atomic():
            record(event)
    else:
        metrics.security_events_unrecorded.labels(event.name).inc()
        event.count()


def _name_digest(username: str) -> str:
    digest = salted_hmac("apps.accounts.names", username.casefold(), algorithm="sha256")
    return digest.hexdigest()[:16]
