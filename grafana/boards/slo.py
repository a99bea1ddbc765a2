"""Objectives of 99.9 % over 30 days for each user journey, and how fast the error budget burns."""

from grafana.dashboard import dashboard, variable
from grafana.panels import stat, table, timeseries
from grafana.shapes import Json, Link, Query, Row, Step
from grafana.thresholds import ALLOWED, REMAINING

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
SELECTED = 'journey=~"$journey"'
JOURNEY = variable("journey", "Journey", "label_values(journey:requests:rate5m, journey)")
JOURNEYS = {
    "register": "Registration for a tournament; a 5xx is an error.",
    "pay": "Payment of an entry fee; a 5xx is an error, a declined card is not.",
    "live": "Delivery of an event to the sockets; more than one second is an error.",
}


def budget(journey: str, description: str) -> Json:
    return stat(
        f"{journey}: budget",
        f"{description} 100 % is the whole 30-day budget; below 0 the objective is missed.",
        f'journey:error_budget:remaining{{journey="{journey}"}}',
        unit="percentunit",
        steps=REMAINING,
        empty="No traffic",
    )


def success(journey: str, description: str) -> Json:
    return stat(
        f"{journey}: success",
        f"{description} Within one hour. The objective is 99.9 %.",
        f'1 - journey:errors:ratio_rate1h{{journey="{journey}"}}',
        unit="percentunit",
        steps=[Step(None, "red"), Step(0.999, "green")],
        empty="No traffic",
    )


def burn_rates(title: str, description: str, windows: tuple[str, ...], *alerts: str) -> Json:
    queries = [Query(burn(window), f"{{{{journey}}}}, {window}") for window in windows]
    return timeseries(
        title, description, *queries, unit="x", alert=alerts, empty="No traffic", see="http"
    )


def burn(window: str) -> str:
    return f"journey:errors:ratio_rate{window}{{{SELECTED}}} / {ALLOWED}"


TILES = [
    *(budget(*journey) for journey in JOURNEYS.items()),
    *(success(*journey) for journey in JOURNEYS.items()),
]
BURN_RATES = [
    burn_rates(
        "Fast burn: 1 h and 5 min",
        "Burn rate: 1 uses the budget in exactly 30 days, 14.4 uses 2 % in one hour. The alert "
        "requires both windows.",
        ("1h", "5m"),
        "JourneyBurnsFast/1h",
    ),
    burn_rates(
        "Fast burn: 6 h and 30 min",
        "A burn rate of 6 uses 5 % of the budget in six hours. The alert requires both windows.",
        ("6h", "30m"),
        "JourneyBurnsFast/6h",
    ),
    burn_rates(
        "Slow burn: 1 d and 2 h, 3 d and 6 h",
        "A burn rate of 1 uses the budget in exactly 30 days. Each alert requires both of its "
        "windows.",
        ("1d", "2h", "3d"),
        "JourneyBurnsSlowly/1d",
        "JourneyBurnsSlowly/3d",
    ),
]
OVER_TIME = [
    timeseries(
        "Remaining error budget",
        "Share of the 30-day error budget that remains.",
        Query(f"journey:error_budget:remaining{{{SELECTED}}}", "{{journey}}"),
        unit="percentunit",
        steps=REMAINING,
        minimum=None,
        maximum=1,
        empty="No traffic",
    ),
    timeseries(
        "Requests",
        "Requests of each journey. With little traffic, one error is a large share.",
        Query(f"journey:requests:rate5m{{{SELECTED}}}", "{{journey}}"),
        unit="reqps",
        empty="No traffic",
    ),
    timeseries(
        "Error ratio",
        "Share of the requests of the last 5 minutes that failed.",
        Query(f"journey:errors:ratio_rate5m{{{SELECTED}}}", "{{journey}}"),
        unit="percentunit",
        steps=[Step(None, "green"), Step(ALLOWED, "orange")],
        empty="No traffic",
    ),
    table(
        "Burn rate by window",
        "Burn rate of each journey, by window.",
        *(Query(burn(window), window) for window in WINDOWS),
        by="journey",
        unit="x",
        empty="No traffic",
        see=Link("slo", {"journey": "journey"}),
    ),
]
BOARD = dashboard(
    "slo",
    "SLO",
    "99.9 % over 30 days for each user journey: remaining error budget and burn rate.",
    [*TILES, *BURN_RATES],
    rows=[Row("Over time", OVER_TIME)],
    variables=[JOURNEY],
)
