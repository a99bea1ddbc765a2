"""Stores each webhook event once, and applies it once, in any order.

An event refers to a payment by its reference or by the provider's id, which may be stored a moment
later: the event waits for it, for three days at most.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.celery.batches import run_batch
from apps.events.recording import after_commit
from apps.payments import metrics
from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import Outcome, ProviderResult, WebhookNotification
from apps.payments.models import Payment, Refund, WebhookEvent
from apps.payments.services.refunds import refund_import, refund_settle
from apps.payments.services.settlement import payment_settle

MAX_WAIT = timedelta(days=3)
BATCH_SIZE = 100
Status = WebhookEvent.Status


def webhook_receive(*, method: str, body: bytes, headers: Mapping[str, str]) -> str:
    """One of `metrics.WEBHOOK_RESULTS`. Raises InvalidWebhook, and ProviderError where the webhook
    cannot be verified now."""
    notification = gateway_for(method).parse_webhook(body, headers)
    with transaction.atomic():
        result = _store(method, notification)
        after_commit(count_webhook, method, result)
    return result


def count_webhook(method: str, result: str) -> None:
    metrics.webhooks_received.labels(provider=method, result=result).inc()


def webhooks_retry() -> int:
    """Applies waiting events: the oldest, which may expire, and the newest, so that events of other
    applications with the same account cannot starve them. Returns how many; raises
    BatchIncomplete."""
    waiting = WebhookEvent.objects.filter(status=Status.WAITING).values_list("pk", flat=True)
    ends = (waiting.order_by(by)[:BATCH_SIZE] for by in ("received_at", "-received_at"))
    return run_batch(sorted({pk for end in ends for pk in end}), _retry, name="webhooks")


def _store(method: str, notification: WebhookNotification) -> str:
    event = WebhookEvent(
        provider=method,
        event_id=notification.event_id,
        name=notification.name,
        notification=asdict(notification),
    )
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
    events = WebhookEvent.objects.select_for_update()
    event = events.get(provider=method, event_id=notification.event_id)
    if event.status != Status.WAITING:
        return "duplicate"
    return _apply(event, notification)


@transaction.atomic
def _retry(event_id: int) -> None:
    event = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if event.status == Status.WAITING:
        _apply(event, WebhookNotification(**event.notification))


def _apply(event: WebhookEvent, notification: WebhookNotification) -> str:
    concerns_money = bool(notification.outcome or notification.refund_outcome)
    event.payment = _payment(event.provider, notification) if concerns_money else None
    if event.payment is not None:
        _settle(event.payment, notification)
        event.status = Status.APPLIED
    elif not concerns_money or timezone.now() - event.received_at > MAX_WAIT:
        event.status = Status.IGNORED
    event.save(update_fields=["payment", "status"])
    return event.status


def _payment(method: str, notification: WebhookNotification) -> Payment | None:
    payments = Payment.objects.filter(method=method)
    if notification.reference:
        return payments.filter(reference=notification.reference).first()
    if notification.provider_id:
        return payments.filter(provider_id=notification.provider_id).first()
    return None


def _settle(payment: Payment, notification: WebhookNotification) -> None:
    # A refund implies that the charge has succeeded.
    outcome = Outcome(notification.outcome or Outcome.SUCCEEDED)
    result = ProviderResult(outcome=outcome, provider_id=notification.provider_id)
    payment_settle(payment_id=payment.pk, result=result)
    if notification.outcome:
        return
    refund = _refund(payment, notification)
    if refund is not None:
        result = ProviderResult(
            outcome=Outcome(notification.refund_outcome), provider_id=notification.refund_id
        )
        refund_settle(refund_id=refund.pk, result=result)


def _refund(payment: Payment, notification: WebhookNotification) -> Refund | None:
    if notification.refund_reference:
        refund = payment.refunds.filter(reference=notification.refund_reference).first()
        if refund is not None:
            return refund
    return refund_import(
        payment_id=payment.pk, amount=notification.amount, provider_id=notification.refund_id
    )
