"""What becomes of a refund at Stripe, in our words."""

from apps.payments.gateways.base import Outcome

OUTCOMES = {
    "pending": Outcome.PROCESSING,
    "requires_action": Outcome.PROCESSING,
    "succeeded": Outcome.SUCCEEDED,
    "failed": Outcome.DECLINED,
    "canceled": Outcome.DECLINED,
}
