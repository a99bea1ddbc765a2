"""
Refusal
├── Conflict
│   ├── AlreadyPaid
│   ├── InvoiceVoid
│   ├── PaymentInProgress
│   └── InsufficientCoins
├── Invalid
│   └── IdempotencyKeyReused
├── NotFound
│   ├── InvoiceNotFound
│   └── PaymentNotFound
├── ProviderUnavailable   503
└── CardDeclined          402
"""

from apps.core.exceptions import Conflict, Invalid, NotFound, Refusal


class AlreadyPaid(Conflict):
    code = "already_paid"
    message = "This registration is paid."


class InvoiceVoid(Conflict):
    code = "invoice_void"
    message = "There is nothing to pay any more."


class PaymentInProgress(Conflict):
    code = "payment_in_progress"
    message = "A payment for this registration is under way."


class InsufficientCoins(Conflict):
    code = "insufficient_coins"
    message = "There are not enough coins in the wallet."


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for another request."


class InvoiceNotFound(NotFound):
    code = "registration_not_found"
    message = "You have no registration of that number to pay for."


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = "You have no such payment."


class CardDeclined(Refusal):
    status = 402
    code = "card_declined"
    message = "The payment was declined. Try another card."


class ProviderUnavailable(Refusal):
    status = 503
    code = "provider_unavailable"
    message = "The payment provider does not answer. The payment is tried again within minutes."
