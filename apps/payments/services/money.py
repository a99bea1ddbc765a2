"""Money in the ledger: what each provider collected for us, currency by currency.

Every payment meets in the same few accounts, so they are locked last of all, after every event.
"""

from apps.payments.models import Payment, Refund, Wallet
from apps.payments.services.coins import posted_once

FEES = "fees"  # where entry fees come from


def book_charge(payment: Payment) -> None:
    """Call inside the transaction that settles it."""
    fees, provider = _accounts(payment)
    posted_once(
        key=f"payment:{payment.pk}",
        source=fees,
        destination=provider,
        amount=payment.invoice.amount,
        payment=payment,
    )


def book_refund(refund: Refund) -> None:
    """Call inside the transaction that settles it."""
    fees, provider = _accounts(refund.payment)
    posted_once(
        key=f"refund:{refund.pk}",
        source=provider,
        destination=fees,
        amount=refund.amount,
        payment=refund.payment,
    )


def book_taken_back(refund: Refund) -> None:
    """Undoes `book_refund`. Call inside the transaction that settles it."""
    fees, provider = _accounts(refund.payment)
    posted_once(
        key=f"refund:{refund.pk}:taken_back",
        source=fees,
        destination=provider,
        amount=refund.amount,
        payment=refund.payment,
    )


def _accounts(payment: Payment) -> tuple[Wallet, Wallet]:
    currency = payment.invoice.currency
    return _account(FEES, currency), _account(payment.method, currency)


def _account(house: str, currency: str) -> Wallet:
    return Wallet.objects.get_or_create(owner=None, house=house, currency=currency)[0]
