from apps.payments.models.coins import Posting, Transfer, Wallet
from apps.payments.models.money import IdempotencyKey, Invoice, Payment, Refund, WebhookEvent
from apps.payments.models.sandbox import SandboxCharge, SandboxKey, SandboxRefund, SandboxWebhook

__all__ = [
    "IdempotencyKey",
    "Invoice",
    "Payment",
    "Posting",
    "Refund",
    "SandboxCharge",
    "SandboxKey",
    "SandboxRefund",
    "SandboxWebhook",
    "Transfer",
    "Wallet",
    "WebhookEvent",
]
