"""Sends the sandbox's webhooks when they are due: signed, and taken in as if from outside."""

from collections.abc import Callable, Mapping
from typing import Protocol

from django.utils import timezone

from apps.payments.gateways import PROVIDERS, is_live
from apps.payments.gateways.sandbox import signing
from apps.payments.models import SandboxWebhook

SENT_AT_ONCE = 500


class Receive(Protocol):
    def __call__(self, *, method: str, body: bytes, headers: Mapping[str, str]) -> object: ...


def due() -> list[int]:
    """In the order they were written, which for one due moment is the order they are sent in."""
    sandboxed = [method for method in PROVIDERS if not is_live(method)]
    waiting = SandboxWebhook.objects.filter(
        sent_at=None, due_at__lte=timezone.now(), method__in=sandboxed
    )
    return list(waiting.order_by("due_at", "pk").values_list("pk", flat=True)[:SENT_AT_ONCE])


def sender(receive: Receive) -> Callable[[int], None]:
    """It is marked as sent once it was taken, so a power cut in between sends it twice, as real
    ones do."""

    def send(pk: int) -> None:
        webhook = SandboxWebhook.objects.get(pk=pk)
        for _ in range(webhook.times):
            headers = signing.signed(webhook.method, webhook.body)
            receive(method=webhook.method, body=webhook.body.encode(), headers=headers)
        SandboxWebhook.objects.filter(pk=pk).update(sent_at=timezone.now())

    return send
