"""Money in `charges`, DeltaCoins in `coins`, whether these add up in `ledger`.

Rows are locked in this order: tournament, match, invoice, payment, registration, wallets by id,
stream.
"""

from apps.payments.services.charges import (
    invoice_create,
    invoice_void,
    payment_create,
    payments_resume,
)
from apps.payments.services.coins import coins_transfer, wallet_issuer, wallet_of
from apps.payments.services.ledger import ledger_check

__all__ = [
    "coins_transfer",
    "invoice_create",
    "invoice_void",
    "ledger_check",
    "payment_create",
    "payments_resume",
    "wallet_issuer",
    "wallet_of",
]
