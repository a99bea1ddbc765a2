"""What providers tell: each event kept once, and applied once, in whatever order they come.

An event is about a payment by our reference, or by the provider's number. One that is about neither
as yet waits: the number may be written down a moment later. After three days it is nothing of ours.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from apps.core.celery.batches import run_batch
from apps.events.recording import after_commit
from apps.payments import metrics
from apps.payments.gateways import gateway_for
from apps.payments.gateways.base import Answer, Notice, Outcome
from apps.payments.models import Payment, Refund, WebhookEvent
from apps.payments.services.refunds import refund_adopt, refund_settle
from apps.payments.services.settlement import payment_settle

WAIT = timedelta(days=3)
APPLIED_AT_ONCE = 100  # of each end
Status = WebhookEvent.Status


class Result(StrEnum):
    APPLIED = "applied"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    IGNORED = "ignored"
    REFUSED = "refused"


def webhook_receive(*, method: str, body: bytes, headers: Mapping[str, str]) -> Result:
    """Raises WebhookRefused, and Unavailable where it cannot be verified now."""
    notice = gateway_for(method).notice(body, headers)
    with transaction.atomic():
        result = _keep(method, notice)
        after_commit(count_webhook, method, result)
    return result


def count_webhook(method: str, result: Result) -> None:
    metrics.webhooks_received.labels(provider=method, result=result).inc()


def webhooks_retry() -> int:
    """Looks again for what waiting events are about: the oldest, which may be given up, and the
    newest, so that an account full of other people's payments holds off none of ours. Returns how
    many it looked at; raises BatchIncomplete."""
    waiting = WebhookEvent.objects.filter(status=Status.WAITING).values_list("pk", flat=True)
    ends = (waiting.order_by(by)[:APPLIED_AT_ONCE] for by in ("received_at", "-received_at"))
    return run_batch(sorted({pk for end in ends for pk in end}), _retry, name="webhooks")


def _keep(method: str, notice: Notice) -> Result:
    event = WebhookEvent(
        provider=method, event_id=notice.event_id, name=notice.name, notice=asdict(notice)
    )
    WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
    kept = WebhookEvent.objects.select_for_update()
    event = kept.get(provider=method, event_id=notice.event_id)
    if event.status != Status.WAITING:
        return Result.DUPLICATE
    return _apply(event, notice)


@transaction.atomic
def _retry(event_id: int) -> None:
    event = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if event.status == Status.WAITING:
        _apply(event, Notice(**event.notice))


def _apply(event: WebhookEvent, notice: Notice) -> Result:
    event.payment = _payment(event.provider, notice)
    if event.payment is not None:
        _bring(event.payment, notice)
        event.status = Status.APPLIED
    elif not _is_about_money(notice) or timezone.now() - event.received_at > WAIT:
        event.status = Status.IGNORED
    event.save(update_fields=["payment", "status"])
    return Result(event.status)


def _is_about_money(notice: Notice) -> bool:
    return bool(notice.outcome or notice.refund_outcome)


def _payment(method: str, notice: Notice) -> Payment | None:
    ours = Payment.objects.filter(method=method)
    if not _is_about_money(notice):
        return None
    if notice.reference:
        return ours.filter(reference=notice.reference).first()
    return ours.filter(provider_id=notice.provider_id).first() if notice.provider_id else None


def _bring(payment: Payment, notice: Notice) -> None:
    if notice.outcome:
        answer = Answer(outcome=Outcome(notice.outcome), provider_id=notice.provider_id)
        payment_settle(payment_id=payment.pk, answer=answer)
        return
    # Nothing is given back that was not charged.
    charged = Answer(outcome=Outcome.SUCCEEDED, provider_id=notice.provider_id)
    payment_settle(payment_id=payment.pk, answer=charged)
    refund = _refund(payment, notice)
    if refund is not None:
        answer = Answer(outcome=Outcome(notice.refund_outcome), provider_id=notice.refund_id)
        refund_settle(refund_id=refund.pk, answer=answer)


def _refund(payment: Payment, notice: Notice) -> Refund | None:
    if notice.refund_reference:
        ours = payment.refunds.filter(reference=notice.refund_reference).first()
        if ours is not None:
            return ours
    return refund_adopt(payment_id=payment.pk, amount=notice.amount, provider_id=notice.refund_id)
