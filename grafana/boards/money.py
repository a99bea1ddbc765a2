"""Payments in detail: reconciliation, refunds, webhooks and awarded coins."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.shapes import Json, Query
from grafana.thresholds import ORANGE_FROM_1

MISMATCHED = Query("sum(max by (kind) (payments_disagreements))", "payments")
RECONCILED = Query("time() - max(payments_reconciled_timestamp_seconds > 0)", "age")
DIFFERENCE = Query(
    "abs(sum(increase(coins_awarded_total[6h])) / "
    "(max(ledger_coins_awarded) - max(ledger_coins_awarded offset 6h)) - 1)",
    "difference",
)


def board() -> Json:
    return dashboard(
        "money",
        "Money",
        "Webhooks and refunds, and whether provider, payments and ledger match.",
        [*tiles(), *reconciliation(), row("Webhooks and coins"), *webhooks_and_coins()],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Mismatched payments",
            "Payments that differ between provider, payments and ledger.",
            MISMATCHED,
            alert="PaymentsDisagree",
            empty="not compared yet",
        ),
        stat(
            "Last reconciliation",
            "Time since provider, payments and ledger were compared.",
            RECONCILED,
            unit="s",
        ),
        stat(
            "Rejected webhooks",
            "Webhooks in the last hour with an invalid signature, an old timestamp or an "
            "unreadable body.",
            Query(
                'round(sum(increase(webhooks_received_total{result="refused"}[1h])))', "rejected"
            ),
            steps=ORANGE_FROM_1,
        ),
        stat(
            "Refunded payments",
            "Fully refunded payments in the selected time range.",
            Query("round(sum(increase(payments_refunded_total[$__range])))", "refunded"),
        ),
        stat(
            "Coins awarded",
            "DeltaCoins ever awarded, according to the ledger.",
            Query("max(ledger_coins_awarded)", "coins"),
        ),
        stat(
            "Counter vs ledger",
            "Relative difference between the counter and the ledger, for coins awarded within six"
            " hours.",
            DIFFERENCE,
            unit="percentunit",
            alert="CoinsMiscounted",
        ),
    ]


def reconciliation() -> list[Json]:
    return [
        timeseries(
            "Mismatches by kind",
            "Payments changed within two days that differ between provider, payments and ledger.",
            Query("max by (kind) (payments_disagreements)", "{{kind}}"),
            alert="PaymentsDisagree",
        ),
        timeseries(
            "Time since last reconciliation",
            "Grows if the provider's transactions cannot be read.",
            RECONCILED,
            unit="s",
        ),
        timeseries(
            "Refunds",
            "Fully refunded payments per 5 minutes, by method.",
            Query("round(sum by (method) (increase(payments_refunded_total[5m])))", "{{method}}"),
        ),
    ]


def webhooks_and_coins() -> list[Json]:
    return [
        timeseries(
            "Webhooks by result",
            "Webhooks per 5 minutes, by provider and result.",
            Query(
                "round(sum by (provider, result) (increase(webhooks_received_total[5m])))",
                "{{provider}} {{result}}",
            ),
            width=12,
        ),
        timeseries(
            "Coins awarded: counter and ledger",
            "Coins awarded within an hour. The ledger is exact. The counter misses awards of a "
            "process that was killed before counting them.",
            Query("sum(increase(coins_awarded_total[1h]))", "counter"),
            Query("max(delta(ledger_coins_awarded[1h]))", "ledger"),
            width=12,
        ),
    ]
