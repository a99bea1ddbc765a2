"""Idempotency as Stripe states it: the same key and request replay the first answer, for a day.

What began nothing (a refusal before a payment was made) is not kept under the key, nor is a
provider's silence, which is no answer.
"""

import hashlib
import json
from datetime import timedelta

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from apps.accounts.models import User
from apps.payments.exceptions import CardDeclined, IdempotencyKeyReused
from apps.payments.models import IdempotencyKey, Payment, Refund

KEPT_FOR = timedelta(hours=24)
DELETED_AT_ONCE = 1000


def fingerprint(registration_id: int, method: str, source: str) -> str:
    body = json.dumps([registration_id, method, source]).encode()
    return hashlib.sha256(body).hexdigest()


def known(payer: User, key: str, body: str) -> IdempotencyKey | None:
    """Raises IdempotencyKeyReused where it came with another body."""
    since = timezone.now() - KEPT_FOR
    kept = IdempotencyKey.objects.select_related("payment__invoice")
    found = kept.filter(payer=payer, key=key, created_at__gt=since).first()
    if found is not None and found.fingerprint != body:
        raise IdempotencyKeyReused
    return found


def keep(payer: User, key: str, body: str, payment: Payment) -> None:
    """An older payment's key is free again once it is past its day."""
    _over().filter(payer=payer, key=key).delete()
    IdempotencyKey.objects.create(payer=payer, key=key, fingerprint=body, payment=payment)


def answer(payment: Payment) -> Payment:
    """The payment as it was when its request was first answered, which is now or was before. Raises
    CardDeclined where that was the answer."""
    first = IdempotencyKey.objects.filter(payment=payment, answered="")
    first.update(answered=payment.status, page=payment.page or "")
    known = IdempotencyKey.objects.filter(payment=payment).first()
    if known is not None:
        payment.page = known.page or None
    if known is not None and known.answered != payment.status:
        payment.status = known.answered  # not to be saved
        nothing = Prefetch("refunds", Refund.objects.none())
        prefetch_related_objects([payment], nothing)
    if payment.status == Payment.Status.FAILED:
        raise CardDeclined
    return payment


def keys_expire() -> int:
    """Forgets keys that are past their day. Returns how many."""
    ids = list(_over().order_by("pk").values_list("pk", flat=True)[:DELETED_AT_ONCE])
    return IdempotencyKey.objects.filter(pk__in=ids).delete()[0]


def _over() -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(created_at__lte=timezone.now() - KEPT_FOR)
