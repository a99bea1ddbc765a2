"""
DomainError
├── Conflict: AlreadyPaid, InvoiceVoid, PaymentWindowClosed, PaymentInProgress, NotCancelable,
│   NothingToRefund, InsufficientCoins
├── Invalid: MethodNotEnabled, RefundTooLarge, IdempotencyKeyReused
├── NotFound: InvoiceNotFound, PaymentNotFound
├── ProviderUnavailable: 503
└── CardDeclined: 402
IllegalTransition: a programming error
"""

from apps.core.exceptions import Conflict, DomainError, Invalid, NotFound


class AlreadyPaid(Conflict):
    code = "already_paid"
    message = "This registration is already paid."


class InvoiceVoid(Conflict):
    code = "invoice_void"
    message = "Nothing to pay."


class PaymentWindowClosed(Conflict):
    code = "too_late_to_pay"
    message = "The payment window for this spot has closed."


class PaymentInProgress(Conflict):
    code = "payment_in_progress"
    message = "A payment for this registration is in progress. Try again in a minute."


class NotCancelable(Conflict):
    code = "not_waiting_for_you"
    message = "This payment can't be canceled anymore."


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    message = "There is nothing left to refund."


class InsufficientCoins(Conflict):
    code = "insufficient_coins"
    message = "Not enough DeltaCoin."


class MethodNotEnabled(Invalid):
    code = "method_not_taken"
    message = "That payment method isn't available."


class RefundTooLarge(Invalid):
    code = "refund_too_large"
    message = "The amount exceeds the refundable amount."


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was used for another request."


class InvoiceNotFound(NotFound):
    code = "registration_not_found"
    message = "Registration not found."


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = "Payment not found."


class CardDeclined(DomainError):
    status = 402
    code = "card_declined"
    message = "The payment was declined. Try another card."


class ProviderUnavailable(DomainError):
    status = 503
    code = "provider_unavailable"
    message = "The payment provider isn't responding. We'll retry in a few minutes."


class IllegalTransition(RuntimeError):
    pass
