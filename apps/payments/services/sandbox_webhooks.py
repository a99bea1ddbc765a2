"""Sends the sandbox's webhooks when they are due, as if they came over HTTP."""

from django.utils import timezone

from apps.core.celery.batches import run_batch
from apps.payments.gateways import PROVIDERS, is_live
from apps.payments.gateways.base import InvalidWebhook
from apps.payments.gateways.sandbox.webhooks import sign
from apps.payments.models import SandboxWebhook
from apps.payments.services.webhooks import webhook_receive

BATCH_SIZE = 500


def sandbox_webhooks_send() -> int:
    """By due time, then as created. Returns how many; raises BatchIncomplete."""
    methods = [method for method in PROVIDERS if not is_live(method)]
    due = SandboxWebhook.objects.filter(
        sent_at=None, due_at__lte=timezone.now(), method__in=methods
    )
    ids = due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH_SIZE]
    return run_batch(ids, _send, name="sandbox webhooks")


def _send(pk: int) -> None:
    """At least once: a process killed before the last line sends the webhook again. A refused
    webhook is not sent again, as it would be refused each time."""
    rows = SandboxWebhook.objects.filter(pk=pk)
    webhook = rows.get()
    body = webhook.body.encode()
    try:
        for _ in range(webhook.times):
            headers = sign(webhook.method, body)
            webhook_receive(method=webhook.method, body=body, headers=headers)
    except InvalidWebhook:
        rows.update(sent_at=timezone.now())
        raise
    rows.update(sent_at=timezone.now())
