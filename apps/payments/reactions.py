from apps.events.recording import after_commit, reacts_to
from apps.payments.events import RefundStarted
from apps.payments.tasks import refund_send


@reacts_to(RefundStarted)
def send_refund(event: RefundStarted) -> None:
    """If this task is lost, `refunds_resume` sends the refund."""
    after_commit(refund_send.delay, event.refund_id)
