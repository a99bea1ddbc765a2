"""Payments that wait for their payer on the provider's page, or for the provider's response."""

from django.utils import timezone

from apps.accounts.models import User
from apps.core import rate_limits
from apps.payments.exceptions import NotCancelable, PaymentInProgress
from apps.payments.gateways.base import Outcome, ProviderResult
from apps.payments.models import Payment
from apps.payments.selectors import payment_get
from apps.payments.services.payments import (
    check_not_in_progress,
    poll_provider,
    provider_errors_logged,
)
from apps.payments.services.settlement import payment_settle


def payment_refresh(*, payment_id: int, payer: User) -> Payment:
    """Retrieves the payment's state, and completes a payment that the payer has approved. Counts
    against the rate limit of writes. Raises PaymentNotFound, TooManyRequests,
    ProviderUnavailable."""
    payment = payment_get(payment_id=payment_id, payer=payer)
    if payment.status not in Payment.OPEN:
        return payment
    rate_limits.check("writes", str(payer.pk))
    with provider_errors_logged(payment):
        result = poll_provider(payment, cancel=not payment.is_owed)
    return payment if result is None else payment_settle(payment_id=payment_id, result=result)


def payment_cancel(*, payment_id: int, payer: User) -> Payment:
    """A failed payment, or its final state if it was too late to cancel. A late charge is refunded.
    Raises PaymentNotFound, NotCancelable, PaymentInProgress, ProviderUnavailable."""
    payment = payment_get(payment_id=payment_id, payer=payer)
    if not payment.can_be_canceled:
        raise NotCancelable
    check_not_in_progress(payment)
    rows = Payment.objects.filter(pk=payment.pk)
    rows.update(canceled_at=timezone.now())  # if the provider fails, payments_resume cancels it
    with provider_errors_logged(payment):
        result = poll_provider(payment, cancel=True) or ProviderResult(outcome=Outcome.DECLINED)
    if result.outcome is Outcome.PROCESSING:
        rows.update(canceled_at=None)
        raise PaymentInProgress
    return payment_settle(payment_id=payment_id, result=result)
