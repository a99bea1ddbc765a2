"""The business: who signs up and pays, what is played, and whether the coins add up."""

from grafana.dashboard import GAME, TOURNAMENT, dashboard, row
from grafana.panels import bars, stat, timeseries
from grafana.queries import PAYMENTS_SUCCEED, RATE
from grafana.shapes import Json, Query, Step

CHOSEN = 'tournament_id=~"$tournament"'
OUTCOMES = {"/SUCCESS/": "green", "/FAILED/": "red", "/refunded/": "orange"}
LEDGER = Query("max(abs(ledger_imbalance_coins))", "coins off")
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
            row("Matches, coins and the record"),
            *coins(),
        ],
        [TOURNAMENT, GAME],
    )


def tiles() -> list[Json]:
    return [
        stat(
            "Registrations",
            "Sign-ups within the time shown.",
            Query(
                _within("tournament_registrations_total", f'status="SUCCESS",{CHOSEN}'), "SUCCESS"
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
            "Matches completed",
            "Within the time shown.",
            Query(_within("matches_completed_total", f'game_title=~"$game",{CHOSEN}'), "completed"),
            unit="short",
            width=3,
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
            "Every entry sums to nothing, so the ledger does.",
            LEDGER,
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
            "Payments are of all tournaments.",
            Query(
                _within("tournament_registrations_total", f'status="SUCCESS",{CHOSEN}'),
                "1 signed up",
            ),
            Query(_within("payments_started_total"), "2 began to pay"),
            Query(_within("payments_processed_total", 'status="SUCCESS"'), "3 paid"),
            Query(_within("tournament_registrations_confirmed_total", CHOSEN), "4 has a seat"),
            unit="short",
        ),
        timeseries(
            "Registrations",
            "Sign-ups, those refused (full, closed, twice), and seats confirmed.",
            Query(
                f"sum by (status) (rate(tournament_registrations_total{{{CHOSEN}}}{RATE}))",
                "{{status}}",
            ),
            Query(
                f"sum(rate(tournament_registrations_confirmed_total{{{CHOSEN}}}{RATE}))",
                "confirmed",
            ),
            unit="ops",
            colors=OUTCOMES | {"confirmed": "blue"},
        ),
        timeseries(
            "Registrations by tournament",
            "Sign-ups that succeeded.",
            Query(
                "sum by (tournament_id) (rate("
                f'tournament_registrations_total{{status="SUCCESS",{CHOSEN}}}{RATE}))',
                "tournament {{tournament_id}}",
            ),
            unit="ops",
            stacked=True,
        ),
    ]


def payments() -> list[Json]:
    return [
        timeseries(
            "Payments by method and outcome",
            "Payments that came to an end.",
            Query(
                f"sum by (method, status) (rate(payments_processed_total{RATE}))",
                "{{method}} {{status}}",
            ),
            unit="ops",
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
            "Failures and refunds beside what was begun, by method.",
            Query(f"sum by (method) (rate(payments_started_total{RATE}))", "{{method}} begun"),
            Query(
                f'sum by (method) (rate(payments_processed_total{{status="FAILED"}}{RATE}))',
                "{{method}} FAILED",
            ),
            Query(f"sum by (method) (rate(payments_refunded_total{RATE}))", "{{method}} refunded"),
            unit="ops",
        ),
    ]


def coins() -> list[Json]:
    return [
        timeseries(
            "Matches by game",
            "Matches whose result both sides agreed on.",
            Query(
                "sum by (game_title) (rate("
                f'matches_completed_total{{game_title=~"$game",{CHOSEN}}}{RATE}))',
                "{{game_title}}",
            ),
            unit="ops",
            width=6,
            stacked=True,
        ),
        timeseries(
            "Coins awarded",
            "DeltaCoins paid out as prizes, within each five minutes.",
            Query("round(sum(increase(coins_awarded_total[5m])))", "awarded"),
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
            "Coins that the ledger is off by, and audit streams whose chain does not verify.",
            LEDGER,
            CHAINS,
            unit="short",
            width=6,
            alert=("LedgerImbalance", "AuditChainBroken"),
        ),
    ]


def _within(counter: str, labels: str = "") -> str:
    chosen = f"{{{labels}}}" if labels else ""
    return f"round(sum(increase({counter}{chosen}[$__range])))"
