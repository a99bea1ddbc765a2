import logging
from dataclasses import dataclass
from typing import ClassVar

from apps.core import metrics
from apps.core.events import Audience, Event


@dataclass(frozen=True, kw_only=True)
class PaymentEvent(Event):
    stream: ClassVar[str] = "payment:{payment_id}"
    audience = Audience.PRIVATE

    payment_id: int
    registration_id: int
    method: str
    amount: int
    currency: str


class PaymentStarted(PaymentEvent):
    name = "payment.started"

    def count(self) -> None:
        metrics.payments_started.labels(method=self.method).inc()


class PaymentSucceeded(PaymentEvent):
    name = "payment.succeeded"

    def count(self) -> None:
        metrics.payments_processed.labels(status="SUCCESS", method=self.method).inc()


class PaymentFailed(PaymentEvent):
    name = "payment.failed"
    level = logging.WARNING

    def count(self) -> None:
        metrics.payments_processed.labels(status="FAILED", method=self.method).inc()


class PaymentRefunded(PaymentEvent):
    name = "payment.refunded"

    def count(self) -> None:
        metrics.payments_refunded.labels(method=self.method).inc()
