from prometheus_client import Counter, Gauge

from apps.payments.gateways import PROVIDERS

PAYMENT_STATUSES = ("SUCCESS", "FAILED")
PAYMENT_METHODS = tuple(PROVIDERS)
WEBHOOK_RESULTS = ("applied", "duplicate", "waiting", "ignored", "refused")
DISAGREEMENTS = (
    "missing_here", "missing_there", "amount", "status", "refunds", "refund_failed", "ledger",
)  # fmt: skip
LABEL_BOUNDS = {"kind": ", ".join(DISAGREEMENTS)}

payments_processed = Counter(
    "payments_processed_total",
    "Payments that succeeded or failed, by payment method.",
    ["status", "method"],
)
payments_started = Counter("payments_started_total", "Payments begun.", ["method"])
payments_refunded = Counter("payments_refunded_total", "Payments given back.", ["method"])
webhooks_received = Counter(
    "webhooks_received_total",
    "Webhooks received: applied, duplicate, waiting for their payment, ignored, refused.",
    ["provider", "result"],
)
payments_disagreements = Gauge(
    "payments_disagreements",
    "Payments on which provider, payments and ledger do not agree, by what about: no series where "
    "this process has not compared them.",
    ["kind"],
    multiprocess_mode="mostrecent",
)
payments_reconciled = Gauge(
    "payments_reconciled_timestamp_seconds",
    "When provider, payments and ledger were compared.",
    multiprocess_mode="max",
)
ledger_imbalance = Gauge(
    "ledger_imbalance_coins",
    "DeltaCoins that the ledger is off by when it was last checked: 0 is right.",
    multiprocess_mode="mostrecent",
)
ledger_money_imbalance = Gauge(
    "ledger_imbalance_minor_units",
    "Minor units of money, of all currencies together, that the ledger is off by when it was last "
    "checked: 0 is right.",
    multiprocess_mode="mostrecent",
)
ledger_circulation = Gauge(
    "ledger_coins_in_circulation",
    "DeltaCoins in wallets of players.",
    multiprocess_mode="mostrecent",
)
ledger_awarded = Gauge(
    "ledger_coins_awarded",
    "DeltaCoins awarded as the ledger has them: exact, where the counter lost a killed process's.",
    multiprocess_mode="mostrecent",
)
ledger_checked = Gauge(
    "ledger_checked_timestamp_seconds", "When the ledger was checked.", multiprocess_mode="max"
)

for _method in PAYMENT_METHODS:
    payments_started.labels(_method)
    payments_refunded.labels(_method)
    for _status in PAYMENT_STATUSES:
        payments_processed.labels(_status, _method)
    for _result in WEBHOOK_RESULTS:
        webhooks_received.labels(_method, _result)
