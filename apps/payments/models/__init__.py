from apps.payments.models.coins import Posting, Transfer, Wallet
from apps.payments.models.money import IdempotencyKey, Invoice, Payment, Refund, WebhookEvent
from apps.payments.models.sandbox import SandboxCharge, SandboxRefund, SandboxWebhook
