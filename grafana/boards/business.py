"""Business: registrations, payments, coins, and the checks of ledger and audit trail."""

from grafana.boards.variables import TOURNAMENT
from grafana.dashboard import dashboard
from grafana.panels import bars, stat, timeseries
from grafana.queries import PAYMENTS_SUCCEED, increase, per_5_minutes, ratio, within
from grafana.shapes import Query, Row, Step

REGISTRATIONS = "tournament_registrations_total"
CONFIRMED = "tournament_registrations_confirmed_total"
PAYMENTS = "payments_processed_total"
SELECTED = 'tournament_id=~"$tournament"'
REGISTERED = increase(REGISTRATIONS, f'status="SUCCESS",{SELECTED}')
OUTCOMES = {"/SUCCESS/": "green", "/FAILED/": "red", "/refunded/": "orange"}
COIN_IMBALANCE = Query("max(abs(ledger_imbalance_coins))", "coins")
MONEY_IMBALANCE = Query("max(abs(ledger_imbalance_minor_units))", "minor units")
BROKEN_STREAMS = Query("max(audit_broken_streams)", "broken streams")

TILES = [
    stat(
        "Registrations",
        "Successful registrations in the selected time range.",
        REGISTERED,
        empty="None",
        see="tournaments",
    ),
    stat(
        "Payments OK",
        "Share of the payments finished in the last hour that succeeded.",
        PAYMENTS_SUCCEED,
        unit="percentunit",
        steps=[Step(None, "red"), Step(0.8, "orange"), Step(0.95, "green")],
        empty="None paid",
        see="money",
    ),
    stat(
        "Failed payments",
        "Payments that failed in the last hour, STRIPE and PAYPAL together.",
        within("1h", PAYMENTS, 'status="FAILED"'),
        alert="PaymentFailures",
    ),
    stat(
        "Players' coins",
        "DeltaCoins that players hold, according to the ledger.",
        "max(ledger_coins_in_circulation)",
    ),
    stat(
        "Ledger imbalance",
        "Sum of all ledger entries, in coins and minor units of money. It must be 0.",
        f"{COIN_IMBALANCE.expr} + {MONEY_IMBALANCE.expr}",
        alert="LedgerImbalance",
        empty="Not checked yet",
    ),
    stat(
        "Audit errors",
        "Audit streams that fail verification because a row was changed.",
        BROKEN_STREAMS,
        alert="AuditChainBroken",
        empty="Not verified yet",
        see="security",
    ),
]
REGISTRATION = [
    bars(
        "Registration funnel",
        "In the selected time range: registered, payment started, paid, confirmed (including free "
        "ones). Payments and confirmations are of all tournaments.",
        Query(REGISTERED, "1 registered"),
        Query(increase("payments_started_total"), "2 payment started"),
        Query(increase(PAYMENTS, 'status="SUCCESS"'), "3 paid"),
        Query(increase(CONFIRMED), "4 confirmed"),
        empty="No registrations",
    ),
    timeseries(
        "Registrations",
        "Registrations per 5 minutes: accepted, rejected (full, closed, duplicate) and confirmed. "
        "Confirmed ones are of all tournaments.",
        Query(per_5_minutes(REGISTRATIONS, SELECTED, by="status"), "{{status}}"),
        Query(per_5_minutes(CONFIRMED), "confirmed"),
        colors=OUTCOMES | {"confirmed": "blue"},
        empty="No registrations",
        see="tournaments",
    ),
]
PAYMENT = [
    timeseries(
        "Payments by method and outcome",
        "Finished payments per 5 minutes.",
        Query(per_5_minutes(PAYMENTS, by="method, status"), "{{method}} {{status}}"),
        empty="No payments",
        see="money",
    ),
    timeseries(
        "Success rate by method",
        "Share of the payments finished in the last 5 minutes that succeeded.",
        Query(
            ratio(
                f'sum by (method) (increase({PAYMENTS}{{status="SUCCESS"}}[5m]))',
                f"sum by (method) (increase({PAYMENTS}[5m]))",
            ),
            "{{method}}",
        ),
        unit="percentunit",
        maximum=1,
        empty="No payments",
    ),
    timeseries(
        "Payments started, failed and refunded",
        "Payments per 5 minutes, by method.",
        Query(per_5_minutes("payments_started_total", by="method"), "{{method}} started"),
        Query(per_5_minutes(PAYMENTS, 'status="FAILED"', by="method"), "{{method}} FAILED"),
        Query(per_5_minutes("payments_refunded_total", by="method"), "{{method}} refunded"),
        empty="No payments",
        see="money",
    ),
]
COINS = [
    timeseries(
        "Coins awarded",
        "DeltaCoins paid out as prizes, per 5 minutes.",
        per_5_minutes("coins_awarded_total"),
        empty="No prizes",
        see="money",
    ),
    timeseries(
        "Time since last check",
        "Time since the ledger was checked and the audit streams were verified.",
        Query("time() - max(ledger_checked_timestamp_seconds > 0)", "ledger"),
        Query("time() - max(audit_verified_timestamp_seconds > 0)", "audit trail"),
        unit="s",
        empty="Not checked yet",
    ),
    timeseries(
        "Ledger and audit errors",
        "Ledger imbalance in coins and in minor units of money, and audit streams that fail "
        "verification.",
        COIN_IMBALANCE,
        MONEY_IMBALANCE,
        BROKEN_STREAMS,
        alert=("LedgerImbalance", "AuditChainBroken"),
        empty="Not checked yet",
    ),
]
BOARD = dashboard(
    "business",
    "Business",
    "Registrations, payments, coins and matches.",
    [*TILES, *REGISTRATION],
    rows=[Row("Payments", PAYMENT), Row("Coins and audit trail", COINS)],
    variables=[TOURNAMENT],
)
