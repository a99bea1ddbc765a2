"""Payments in detail: reconciliation, refunds, webhooks and awarded coins."""

from grafana.dashboard import dashboard
from grafana.panels import stat, timeseries
from grafana.queries import within
from grafana.shapes import Query, Row
from grafana.thresholds import ORANGE_FROM_1

REFUNDS = "payments_refunded_total"
WEBHOOKS = "webhooks_received_total"
RECONCILED = "time() - max(payments_reconciled_timestamp_seconds > 0)"
DIFFERENCE = (
    "abs(sum(increase(coins_awarded_total[6h])) / "
    "(max(ledger_coins_awarded) - max(ledger_coins_awarded offset 6h)) - 1)"
)

TILES = [
    stat(
        "Mismatches",
        "Payments that differ between provider, payments and ledger.",
        "sum(max by (kind) (payments_disagreements))",
        alert="PaymentsDisagree",
        empty="Not compared yet",
        see="logs",
    ),
    stat(
        "Last reconciliation",
        "Time since provider, payments and ledger were compared.",
        RECONCILED,
        unit="s",
        empty="Not compared yet",
    ),
    stat(
        "Rejected webhooks",
        "Webhooks in the last hour with an invalid signature, an old timestamp or an unreadable "
        "body.",
        within("1h", WEBHOOKS, 'result="refused"'),
        steps=ORANGE_FROM_1,
    ),
    stat(
        "Refunded payments",
        "Fully refunded payments in the selected time range.",
        within("$__range", REFUNDS),
    ),
    stat(
        "Coins awarded",
        "DeltaCoins ever awarded, according to the ledger.",
        "max(ledger_coins_awarded)",
    ),
    stat(
        "Counter vs ledger",
        "Relative difference between the counter and the ledger, for coins awarded within six "
        "hours.",
        DIFFERENCE,
        unit="percentunit",
        alert="CoinsMiscounted",
        empty="After six hours",
    ),
]
RECONCILIATION = [
    timeseries(
        "Mismatches by kind",
        "Payments changed within two days that differ between provider, payments and ledger.",
        Query("max by (kind) (payments_disagreements)", "{{kind}}"),
        alert="PaymentsDisagree",
        empty="Not compared yet",
    ),
    timeseries(
        "Time since last reconciliation",
        "Grows if the provider's transactions cannot be read.",
        RECONCILED,
        unit="s",
        empty="Not compared yet",
    ),
    timeseries(
        "Refunds",
        "Fully refunded payments per 5 minutes, by method.",
        Query(within("5m", REFUNDS, by="method"), "{{method}}"),
        empty="No refunds",
    ),
]
WEBHOOKS_AND_COINS = [
    timeseries(
        "Webhooks by result",
        "Webhooks per 5 minutes, by provider and result.",
        Query(within("5m", WEBHOOKS, by="provider, result"), "{{provider}} {{result}}"),
        empty="No webhooks",
    ),
    timeseries(
        "Coins awarded: counter and ledger",
        "Coins awarded within an hour. The ledger is exact. The counter misses awards of a process "
        "that was killed before counting them.",
        Query("sum(increase(coins_awarded_total[1h]))", "counter"),
        Query("max(delta(ledger_coins_awarded[1h]))", "ledger"),
        empty="No prizes",
    ),
]
BOARD = dashboard(
    "money",
    "Money",
    "Webhooks and refunds, and whether provider, payments and ledger match.",
    [*TILES, *RECONCILIATION],
    rows=[Row("Webhooks and coins", WEBHOOKS_AND_COINS)],
)
