"""Money and coins in detail: what providers tell, and whether everybody's books agree."""

from grafana.dashboard import dashboard, row
from grafana.panels import stat, timeseries
from grafana.shapes import Json, Query
from grafana.steps import FEW

DISAGREE = Query("sum(max by (kind) (payments_disagreements))", "payments")
COMPARED = Query("time() - max(payments_reconciled_timestamp_seconds > 0)", "ago")
APART = Query(
    "abs(sum(increase(coins_awarded_total[6h])) / "
    "(max(ledger_coins_awarded) - max(ledger_coins_awarded offset 6h)) - 1)",
    "apart",
)


def board() -> Json:
    return dashboard(
        "money",
        "Money",
        "What providers tell, what goes back, and whether provider, payments and ledger agree.",
        [*tiles(), *comparison(), row("Webhooks and coins"), *told()],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Payments that disagree",
            "Provider, payments and ledger were compared, and do not have the same.",
            DISAGREE,
            unit="short",
            alert="PaymentsDisagree",
            empty="not compared yet",
        ),
        stat(
            "Compared",
            "How long ago provider, payments and ledger were compared.",
            COMPARED,
            unit="s",
        ),
        stat(
            "Webhooks refused",
            "Within an hour: not signed by who we know, too old, or not to be read.",
            Query('round(sum(increase(webhooks_received_total{result="refused"}[1h])))', "refused"),
            unit="short",
            steps=FEW,
        ),
        stat(
            "Refunded",
            "Payments that went back in whole, within the time shown.",
            Query("round(sum(increase(payments_refunded_total[$__range])))", "refunded"),
            unit="short",
        ),
        stat(
            "Coins awarded",
            "DeltaCoins that ever were, as the ledger has them.",
            Query("max(ledger_coins_awarded)", "coins"),
            unit="short",
        ),
        stat(
            "Counter and ledger apart",
            "By which part of the coins that were awarded within six hours.",
            APART,
            unit="percentunit",
            alert="CoinsMiscounted",
        ),
    ]


def comparison() -> list[Json]:
    return [
        timeseries(
            "Disagreements by what about",
            "Payments that changed within two days, on which provider, payments and ledger do not "
            "agree.",
            Query("max by (kind) (payments_disagreements)", "{{kind}}"),
            unit="short",
            alert="PaymentsDisagree",
        ),
        timeseries(
            "Age of the comparison",
            "It grows where a provider's book cannot be read.",
            COMPARED,
            unit="s",
        ),
        timeseries(
            "Refunds",
            "Payments that went back in whole, by method, within each five minutes.",
            Query("round(sum by (method) (increase(payments_refunded_total[5m])))", "{{method}}"),
            unit="short",
        ),
    ]


def told() -> list[Json]:
    return [
        timeseries(
            "Webhooks by result",
            "What providers told, and what came of it, within each five minutes.",
            Query(
                "round(sum by (provider, result) (increase(webhooks_received_total[5m])))",
                "{{provider}} {{result}}",
            ),
            unit="short",
            width=12,
        ),
        timeseries(
            "Coins awarded, counted and in the ledger",
            "Within an hour. The ledger is exact; the counter lacks what a killed process had "
            "committed and not counted yet, and never has more.",
            Query("sum(increase(coins_awarded_total[1h]))", "counted"),
            Query("max(delta(ledger_coins_awarded[1h]))", "ledger"),
            unit="short",
            width=12,
        ),
    ]
