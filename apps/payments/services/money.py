"""Money in the ledger: an account per provider and currency.

All payments share these accounts, so they are locked last, after the event stream.
"""

from apps.payments.models import Payment, Refund, Wallet
from apps.payments.services.coins import post_transfer

FEES = "fees"  # the contra account


def post_charge(payment: Payment) -> None:
    _post(payment, f"payment:{payment.pk}", payment.invoice.amount)


def post_refund(refund: Refund) -> None:
    _post(refund.payment, f"refund:{refund.pk}", -refund.amount)


def post_refund_reversal(refund: Refund) -> None:
    _post(refund.payment, f"refund:{refund.pk}:reversal", refund.amount)


def _post(payment: Payment, key: str, amount: int) -> None:
    """A positive amount goes to the provider's account, a negative one comes from it. Call inside
    the transaction that settles the payment."""
    currency = payment.invoice.currency
    source, destination = _account(FEES, currency), _account(payment.method, currency)
    if amount < 0:
        source, destination = destination, source
    post_transfer(
        key=key, source=source, destination=destination, amount=abs(amount), payment=payment
    )


def _account(house: str, currency: str) -> Wallet:
    return Wallet.objects.get_or_create(owner=None, house=house, currency=currency)[0]
