"""Business: registrations, payments, coins, and the checks of ledger and audit trail."""

from grafana.boards.variables import TOURNAMENT
from grafana.dashboard import dashboard, row
from grafana.panels import bars, stat, timeseries
from grafana.queries import PAYMENTS_SUCCEED, increase, per_5_minutes
from grafana.shapes import Json, Query, Step

SELECTED = 'tournament_id=~"$tournament"'
OUTCOMES = {"/SUCCESS/": "green", "/FAILED/": "red", "/refunded/": "orange"}
COIN_IMBALANCE = Query("max(abs(ledger_imbalance_coins))", "coins")
MONEY_IMBALANCE = Query("max(abs(ledger_imbalance_minor_units))", "minor units")
BROKEN_STREAMS = Query("max(audit_broken_streams)", "broken streams")


def board() -> Json:
    return dashboard(
        "business",
        "Business",
        "Registrations, payments, coins and matches.",
        [
            *tiles(),
            *registrations(),
            row("Payments"),
            *payments(),
            row("Coins and audit trail"),
            *coins(),
        ],
        [TOURNAMENT],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Registrations",
            "Successful registrations in the selected time range.",
            Query(
                increase("tournament_registrations_total", f'status="SUCCESS",{SELECTED}'),
                "SUCCESS",
            ),
        ),
        stat(
            "Payment success rate",
            "Share of the payments finished in the last hour that succeeded.",
            PAYMENTS_SUCCEED,
            unit="percentunit",
            steps=[Step(None, "red"), Step(0.8, "orange"), Step(0.95, "green")],
            empty="none paid",
        ),
        stat(
            "Failed payments",
            "Payments that failed in the last hour, STRIPE and PAYPAL together.",
            Query('round(sum(increase(payments_processed_total{status="FAILED"}[1h])))', "failed"),
            alert="PaymentFailures",
        ),
        stat(
            "Coins in circulation",
            "DeltaCoins that players hold, according to the ledger.",
            Query("max(ledger_coins_in_circulation)", "coins"),
        ),
        stat(
            "Ledger imbalance",
            "Sum of all ledger entries, in coins and minor units of money. It must be 0.",
            Query(f"{COIN_IMBALANCE.expr} + {MONEY_IMBALANCE.expr}", "imbalance"),
            alert="LedgerImbalance",
        ),
        stat(
            "Broken audit streams",
            "Audit streams that fail verification because a row was changed.",
            BROKEN_STREAMS,
            alert="AuditChainBroken",
        ),
    ]


def registrations() -> list[Json]:
    return [
        bars(
            "Registration funnel",
            "In the selected time range: registered, payment started, paid, confirmed (including "
            "free ones). Payments and confirmations are of all tournaments.",
            Query(
                increase("tournament_registrations_total", f'status="SUCCESS",{SELECTED}'),
                "1 registered",
            ),
            Query(increase("payments_started_total"), "2 payment started"),
            Query(increase("payments_processed_total", 'status="SUCCESS"'), "3 paid"),
            Query(increase("tournament_registrations_confirmed_total"), "4 confirmed"),
        ),
        timeseries(
            "Registrations",
            "Registrations per 5 minutes: accepted, rejected (full, closed, duplicate) and "
            "confirmed. Confirmed ones are of all tournaments.",
            Query(
                per_5_minutes("tournament_registrations_total", SELECTED, by="status"), "{{status}}"
            ),
            Query(per_5_minutes("tournament_registrations_confirmed_total"), "confirmed"),
            width=16,
            colors=OUTCOMES | {"confirmed": "blue"},
        ),
    ]


def payments() -> list[Json]:
    return [
        timeseries(
            "Payments by method and outcome",
            "Finished payments per 5 minutes.",
            Query(
                per_5_minutes("payments_processed_total", by="method, status"),
                "{{method}} {{status}}",
            ),
        ),
        timeseries(
            "Success rate by method",
            "Share of the payments finished in the last 5 minutes that succeeded.",
            Query(
                'sum by (method) (increase(payments_processed_total{status="SUCCESS"}[5m]))'
                " / (sum by (method) (increase(payments_processed_total[5m])) > 0)",
                "{{method}}",
            ),
            unit="percentunit",
            maximum=1,
        ),
        timeseries(
            "Payments started, failed and refunded",
            "Payments per 5 minutes, by method.",
            Query(per_5_minutes("payments_started_total", by="method"), "{{method}} started"),
            Query(
                per_5_minutes("payments_processed_total", 'status="FAILED"', by="method"),
                "{{method}} FAILED",
            ),
            Query(per_5_minutes("payments_refunded_total", by="method"), "{{method}} refunded"),
        ),
    ]


def coins() -> list[Json]:
    return [
        timeseries(
            "Coins awarded",
            "DeltaCoins paid out as prizes, per 5 minutes.",
            Query(per_5_minutes("coins_awarded_total"), "awarded"),
        ),
        timeseries(
            "Time since last check",
            "Time since the ledger was checked and the audit streams were verified.",
            Query("time() - max(ledger_checked_timestamp_seconds > 0)", "ledger"),
            Query("time() - max(audit_verified_timestamp_seconds > 0)", "audit trail"),
            unit="s",
        ),
        timeseries(
            "Ledger and audit errors",
            "Ledger imbalance in coins and in minor units of money, and audit streams that fail "
            "verification.",
            COIN_IMBALANCE,
            MONEY_IMBALANCE,
            BROKEN_STREAMS,
            alert=("LedgerImbalance", "AuditChainBroken"),
        ),
    ]
