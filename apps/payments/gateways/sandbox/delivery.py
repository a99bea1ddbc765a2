"""Sends the sandbox's webhooks when they are due, as if they came over HTTP."""

from collections.abc import Callable, Mapping
from typing import Protocol

from django.utils import timezone

from apps.payments.gateways import PROVIDERS, is_live
from apps.payments.gateways.sandbox import webhooks
from apps.payments.models import SandboxWebhook

BATCH_SIZE = 500


class Receive(Protocol):
    def __call__(self, *, method: str, body: bytes, headers: Mapping[str, str]) -> object: ...


def due_webhooks() -> list[int]:
    """Ids in the order to send: by due time, then as created."""
    methods = [method for method in PROVIDERS if not is_live(method)]
    due = SandboxWebhook.objects.filter(
        sent_at=None, due_at__lte=timezone.now(), method__in=methods
    )
    return list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH_SIZE])


def sender(receive: Receive) -> Callable[[int], None]:
    """Delivery is at least once: a process killed before the last line sends the webhook again."""

    def send(pk: int) -> None:
        webhook = SandboxWebhook.objects.get(pk=pk)
        body = webhook.body.encode()
        for _ in range(webhook.times):
            headers = webhooks.sign(webhook.method, body)
            receive(method=webhook.method, body=body, headers=headers)
        SandboxWebhook.objects.filter(pk=pk).update(sent_at=timezone.now())

    return send
