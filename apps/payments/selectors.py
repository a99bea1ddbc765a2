from apps.accounts.models import User
from apps.payments.exceptions import PaymentNotFound
from apps.payments.models import Payment, Wallet


def payment_get(*, payment_id: int, payer: User) -> Payment:
    """Raises PaymentNotFound, for other people's payments too."""
    payments = Payment.objects.select_related("invoice")
    payment = payments.filter(pk=payment_id, payer=payer).first()
    if payment is None:
        raise PaymentNotFound
    return payment


def wallet_balance(*, owner: User) -> int:
    """In whole coins; 0 for who never had any."""
    return Wallet.objects.filter(owner=owner).values_list("balance", flat=True).first() or 0
