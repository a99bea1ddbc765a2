"""Payments that wait, for their payer on the provider's page or for the provider: who comes back is
told how it stands, and who wants to pay in another way calls them off."""

from django.utils import timezone

from apps.accounts.models import User
from apps.core import rate_limits
from apps.payments.exceptions import NotWaitingForYou, PaymentInProgress
from apps.payments.gateways.base import Answer, Outcome
from apps.payments.models import Payment
from apps.payments.selectors import payment_get
from apps.payments.services.payments import ask_again, check_not_under_way, provider_asked
from apps.payments.services.settlement import payment_settle


def payment_refresh(*, payment_id: int, payer: User) -> Payment:
    """Asks the provider how it stands; what the payer has approved goes on, where it is still owed.
    As often as they may write. Raises PaymentNotFound, TooManyRequests, ProviderUnavailable."""
    payment = payment_get(payment_id=payment_id, payer=payer)
    if payment.status not in Payment.OPEN:
        return payment
    rate_limits.check("writes", str(payer.pk))
    with provider_asked(payment):
        answer = ask_again(payment, give_up=not payment.is_wanted)
    return payment if answer is None else payment_settle(payment_id=payment_id, answer=answer)


def payment_cancel(*, payment_id: int, payer: User) -> Payment:
    """One that waits for its payer, or that the provider did not answer: failed, or as it ended
    while it was asked for. What it should bring nevertheless goes back. Raises PaymentNotFound,
    NotWaitingForYou, PaymentInProgress, ProviderUnavailable."""
    payment = payment_get(payment_id=payment_id, payer=payer)
    if not payment.can_be_called_off:
        raise NotWaitingForYou
    check_not_under_way(payment)
    called_off = Payment.objects.filter(pk=payment.pk)
    called_off.update(called_off_at=timezone.now())  # a silent provider is told by payments_resume
    with provider_asked(payment):
        answer = ask_again(payment, give_up=True) or Answer(outcome=Outcome.DECLINED)
    if answer.outcome is Outcome.PROCESSING:
        called_off.update(called_off_at=None)
        raise PaymentInProgress
    return payment_settle(payment_id=payment_id, answer=answer)
