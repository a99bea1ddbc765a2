"""Lock order: tournament, match, invoice, payment, refund, registration, wallets by id, event
stream, and last the money accounts of providers (`ledger`).
"""

from apps.payments.services.idempotency import keys_expire
from apps.payments.services.invoices import invoice_create, invoice_void
from apps.payments.services.ledger import coins_transfer, ledger_check, wallet_issuer, wallet_of
from apps.payments.services.payments import (
    payment_cancel,
    payment_create,
    payment_refresh,
    payments_resume,
)
from apps.payments.services.reconcile import reconcile
from apps.payments.services.refunds import refund_create, refund_send, refunds_resume
from apps.payments.services.sandbox_webhooks import sandbox_webhooks_send
from apps.payments.services.webhooks import webhook_receive, webhooks_retry
