"""
DomainError
├── Conflict
│   ├── AlreadyPaid
│   ├── InvoiceVoid
│   ├── TooLateToPay
│   ├── PaymentInProgress
│   ├── NotWaitingForYou
│   ├── NothingToRefund
│   └── InsufficientCoins
├── Invalid
│   ├── MethodNotTaken
│   ├── RefundTooLarge
│   └── IdempotencyKeyReused
├── NotFound
│   ├── InvoiceNotFound
│   └── PaymentNotFound
├── ProviderUnavailable   503
└── CardDeclined          402
IllegalMove                 a programming error: a payment cannot become that
"""

from apps.core.exceptions import Conflict, DomainError, Invalid, NotFound


class AlreadyPaid(Conflict):
    code = "already_paid"
    message = "This registration is paid."


class InvoiceVoid(Conflict):
    code = "invoice_void"
    message = "There is nothing to pay any more."


class TooLateToPay(Conflict):
    code = "too_late_to_pay"
    message = "The time in which this seat could be paid for is over."


class PaymentInProgress(Conflict):
    code = "payment_in_progress"
    message = "A payment for this registration is under way. Try again in a minute."


class NotWaitingForYou(Conflict):
    code = "not_waiting_for_you"
    message = "This payment waits for nobody, or is on its way already."


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    message = "Nothing was paid that could be given back."


class InsufficientCoins(Conflict):
    code = "insufficient_coins"
    message = "There are not enough coins in the wallet."


class MethodNotTaken(Invalid):
    code = "method_not_taken"
    message = "Nothing can be paid in this way here."


class RefundTooLarge(Invalid):
    code = "refund_too_large"
    message = "This is more than what is left of the payment."


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for another request."


class InvoiceNotFound(NotFound):
    code = "registration_not_found"
    message = "You have no registration of that number to pay for."


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = "You have no such payment."


class CardDeclined(DomainError):
    status = 402
    code = "card_declined"
    message = "The payment was declined. Try another card."


class ProviderUnavailable(DomainError):
    status = 503
    code = "provider_unavailable"
    message = "The payment provider does not answer. The payment is tried again within minutes."


class IllegalMove(RuntimeError):
    pass
