"""Idempotency keys as Stripe defines them: the same key and request return the first response.

A request that was refused before a payment was created stores no response, and neither does one
without a response from the provider.
"""

import hashlib
import json
from datetime import timedelta

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from apps.accounts.models import User
from apps.payments.exceptions import CardDeclined, IdempotencyKeyReused
from apps.payments.models import IdempotencyKey, Payment, Refund

LIFETIME = timedelta(hours=24)
BATCH_SIZE = 1000


def find_key(
    payer: User, key: str, registration_id: int, method: str, source: str
) -> IdempotencyKey | None:
    """Raises IdempotencyKeyReused if it was used for another request."""
    since = timezone.now() - LIFETIME
    keys = IdempotencyKey.objects.select_related("payment__invoice")
    stored = keys.filter(payer=payer, key=key, created_at__gt=since).first()
    if stored and stored.fingerprint != _fingerprint(registration_id, method, source):
        raise IdempotencyKeyReused
    return stored


def store_key(key: str, payment: Payment) -> None:
    _expired().filter(payer=payment.payer, key=key).delete()
    fingerprint = _fingerprint(payment.invoice.registration_id, payment.method, payment.source)
    IdempotencyKey.objects.create(
        payer=payment.payer, key=key, fingerprint=fingerprint, payment=payment
    )


def first_response(payment: Payment) -> Payment:
    """Stores the payment's state as the first response, or restores the stored response. Raises
    CardDeclined where that was the response. Do not save the result."""
    unanswered = IdempotencyKey.objects.filter(payment=payment, response_status="")
    approve_url = payment.pending_approve_url or ""
    unanswered.update(response_status=payment.status, approve_url=approve_url)
    stored = IdempotencyKey.objects.filter(payment=payment).first()
    if stored is not None:
        payment.pending_approve_url = stored.approve_url or None
    if stored is not None and stored.response_status != payment.status:
        payment.status = stored.response_status
        prefetch_related_objects([payment], Prefetch("refunds", Refund.objects.none()))
    if payment.status == Payment.Status.FAILED:
        raise CardDeclined
    return payment


def keys_expire() -> int:
    ids = list(_expired().order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
    return IdempotencyKey.objects.filter(pk__in=ids).delete()[0]


def _fingerprint(registration_id: int, method: str, source: str) -> str:
    body = json.dumps([registration_id, method, source]).encode()
    return hashlib.sha256(body).hexdigest()


def _expired() -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(created_at__lte=timezone.now() - LIFETIME)
