"""What follows from what happened to a payment."""

from apps.events.recording import after_commit, reacts_to
from apps.payments.events import RefundStarted
from apps.payments.tasks import refund_send


@reacts_to(RefundStarted)
def send_refund(event: RefundStarted) -> None:
    """By a task, as the provider may take its time. Where sending it fails, `refunds_resume` finds
    it."""
    after_commit(refund_send.delay, event.refund_id)
