"""The business: who signs up and pays, what is played, and whether the coins add up."""

from grafana.boards.choices import TOURNAMENT
from grafana.dashboard import dashboard, row
from grafana.panels import bars, stat, timeseries
from grafana.queries import PAYMENTS_SUCCEED, each, within
from grafana.shapes import Json, Query, Step

CHOSEN = 'tournament_id=~"$tournament"'
OUTCOMES = {"/SUCCESS/": "green", "/FAILED/": "red", "/refunded/": "orange"}
COINS_OFF = Query("max(abs(ledger_imbalance_coins))", "coins off")
MONEY_OFF = Query("max(abs(ledger_imbalance_minor_units))", "minor units off")
CHAINS = Query("max(audit_broken_streams)", "broken streams")


def board() -> Json:
    return dashboard(
        "business",
        "Business",
        "Registrations, payments, coins and matches, as they were committed.",
        [
            *tiles(),
            *registrations(),
            row("Payments"),
            *payments(),
            row("Coins and the record"),
            *coins(),
        ],
        [TOURNAMENT],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Registrations",
            "Sign-ups within the time shown.",
            Query(
                within("tournament_registrations_total", f'status="SUCCESS",{CHOSEN}'), "SUCCESS"
            ),
            unit="short",
        ),
        stat(
            "Payments that succeed",
            "Of the payments that came to an end within an hour, how many succeeded.",
            PAYMENTS_SUCCEED,
            unit="percentunit",
            steps=[Step(None, "red"), Step(0.8, "orange"), Step(0.95, "green")],
            empty="none paid",
        ),
        stat(
            "Payments that failed",
            "Within an hour, by STRIPE and PAYPAL together.",
            Query('round(sum(increase(payments_processed_total{status="FAILED"}[1h])))', "failed"),
            unit="short",
            alert="PaymentFailures",
        ),
        stat(
            "Coins in circulation",
            "DeltaCoins that players hold, as the ledger has them.",
            Query("max(ledger_coins_in_circulation)", "coins"),
            unit="short",
            width=3,
        ),
        stat(
            "Ledger is off by",
            "Every entry sums to nothing, so the ledger does: coins and minor units of money.",
            Query(f"{COINS_OFF.expr} + {MONEY_OFF.expr}", "off"),
            unit="short",
            width=3,
            alert="LedgerImbalance",
        ),
        stat(
            "Audit chains broken",
            "Streams of the audit trail that do not verify: somebody changed a row.",
            CHAINS,
            unit="short",
            width=3,
            alert="AuditChainBroken",
        ),
    ]


def registrations() -> list[Json]:
    return [
        bars(
            "From sign-up to seat",
            "Within the time shown: signed up, began to pay, paid, has a seat (free ones too). "
            "Payments and seats are of all tournaments.",
            Query(
                within("tournament_registrations_total", f'status="SUCCESS",{CHOSEN}'),
                "1 signed up",
            ),
            Query(within("payments_started_total"), "2 began to pay"),
            Query(within("payments_processed_total", 'status="SUCCESS"'), "3 paid"),
            Query(within("tournament_registrations_confirmed_total"), "4 has a seat"),
            unit="short",
        ),
        timeseries(
            "Registrations",
            "Sign-ups, those refused (full, closed, twice), and the seats confirmed of all "
            "tournaments, within each five minutes.",
            Query(each("tournament_registrations_total", CHOSEN, by="status"), "{{status}}"),
            Query(each("tournament_registrations_confirmed_total"), "confirmed"),
            unit="short",
            colors=OUTCOMES | {"confirmed": "blue"},
        ),
    ]


def payments() -> list[Json]:
    return [
        timeseries(
            "Payments by method and outcome",
            "Payments that came to an end, within each five minutes.",
            Query(each("payments_processed_total", by="method, status"), "{{method}} {{status}}"),
            unit="short",
        ),
        timeseries(
            "Share that succeeds",
            "Of the payments that came to an end within five minutes, by method.",
            Query(
                'sum by (method) (increase(payments_processed_total{status="SUCCESS"}[5m]))'
                " / (sum by (method) (increase(payments_processed_total[5m])) > 0)",
                "{{method}}",
            ),
            unit="percentunit",
            maximum=1,
        ),
        timeseries(
            "Begun, failed and refunded",
            "Failures and refunds beside what was begun, by method, within each five minutes.",
            Query(each("payments_started_total", by="method"), "{{method}} begun"),
            Query(
                each("payments_processed_total", 'status="FAILED"', by="method"),
                "{{method}} FAILED",
            ),
            Query(each("payments_refunded_total", by="method"), "{{method}} refunded"),
            unit="short",
        ),
    ]


def coins() -> list[Json]:
    return [
        timeseries(
            "Coins awarded",
            "DeltaCoins paid out as prizes, within each five minutes.",
            Query(each("coins_awarded_total"), "awarded"),
            unit="short",
            width=6,
        ),
        timeseries(
            "Age of the checks",
            "How long ago the ledger was added up and the audit chains were verified.",
            Query("time() - max(ledger_checked_timestamp_seconds > 0)", "ledger"),
            Query("time() - max(audit_verified_timestamp_seconds > 0)", "audit chains"),
            unit="s",
            width=6,
        ),
        timeseries(
            "Ledger and audit chains",
            "Coins and minor units of money that the ledger is off by, and audit streams whose "
            "chain does not verify.",
            COINS_OFF,
            MONEY_OFF,
            CHAINS,
            unit="short",
            width=6,
            alert=("LedgerImbalance", "AuditChainBroken"),
        ),
    ]
