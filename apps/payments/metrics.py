from prometheus_client import Counter, Gauge

from apps.payments.gateways import PROVIDERS

PAYMENT_STATUSES = ("SUCCESS", "FAILED")
PAYMENT_METHODS = tuple(PROVIDERS)
WEBHOOK_RESULTS = ("applied", "duplicate", "waiting", "ignored", "refused")
DISAGREEMENTS = (
    "missing_here", "missing_there", "amount", "status", "refunds", "refund_failed", "ledger",
)  # fmt: skip
LABEL_BOUNDS = {
    "kind": ", ".join(DISAGREEMENTS),
    **dict.fromkeys(("method", "provider"), "payment providers"),
}

payments_processed = Counter(
    "payments_processed_total",
    "Total number of payments that succeeded or failed, by payment method.",
    ["status", "method"],
)
payments_started = Counter(
    "payments_started_total", "Total number of payments started.", ["method"]
)
payments_refunded = Counter(
    "payments_refunded_total", "Total number of payments refunded in full.", ["method"]
)
webhooks_received = Counter(
    "webhooks_received_total",
    "Total number of webhooks received: applied, duplicate, waiting for their payment, ignored, "
    "refused.",
    ["provider", "result"],
)
payments_disagreements = Gauge(
    "payments_disagreements",
    "Discrepancies between provider, payments and ledger, by kind. No series until the process has "
    "reconciled them.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
payments_reconciled = Gauge(
    "payments_reconciled_timestamp_seconds",
    "When provider, payments and ledger were last reconciled.",
    multiprocess_mode="max",
)
ledger_imbalance = Gauge(
    "ledger_imbalance_coins",
    "Sum of absolute errors of the ledger in DeltaCoins at its last check: 0 is correct.",
    multiprocess_mode="mostrecent",
)
ledger_money_imbalance = Gauge(
    "ledger_imbalance_minor_units",
    "Sum of absolute errors of the ledger in minor units of all currencies at its last check: 0 is "
    "correct.",
    multiprocess_mode="mostrecent",
)
ledger_circulation = Gauge(
    "ledger_coins_in_circulation",
    "DeltaCoins in players' wallets.",
    multiprocess_mode="mostrecent",
)
ledger_awarded = Gauge(
    "ledger_coins_awarded",
    "DeltaCoins awarded according to the ledger: exact, while a counter can miss a killed process.",
    multiprocess_mode="mostrecent",
)
ledger_checked = Gauge(
    "ledger_checked_timestamp_seconds", "When the ledger was last checked.", multiprocess_mode="max"
)

for _method in PAYMENT_METHODS:
    payments_started.labels(_method)
    payments_refunded.labels(_method)
    for _status in PAYMENT_STATUSES:
        payments_processed.labels(_status, _method)
    for _result in WEBHOOK_RESULTS:
        webhooks_received.labels(_method, _result)
