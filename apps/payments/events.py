import logging

from apps.events.recording import Audience, Event
from apps.payments import metrics


class PaymentEvent(Event):
    stream = "payment:{payment_id}"
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


class PaymentProcessing(PaymentEvent):
    name = "payment.processing"


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
    """Refunded in full."""

    name = "payment.refunded"

    def count(self) -> None:
        metrics.payments_refunded.labels(method=self.method).inc()


class RefundEvent(PaymentEvent):
    refund_id: int
    refund_amount: int


class RefundStarted(RefundEvent):
    name = "payment.refund_started"


class RefundSucceeded(RefundEvent):
    name = "payment.refund_succeeded"


class RefundFailed(RefundEvent):
    """The provider rejected or reversed it. If the money is still due, an operator must refund it:
    `reconcile` reports it."""

    name = "payment.refund_failed"
    level = logging.ERROR


class RefundNotNeeded(RefundEvent):
    """The provider rejected it, because the payment is already refunded in full."""

    name = "payment.refund_not_needed"
