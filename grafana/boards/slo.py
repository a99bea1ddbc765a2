"""The objectives: of 30 days 99.9 % of each journey go well, and how fast the rest is used up."""

from grafana.dashboard import dashboard, row, variable
from grafana.panels import stat, table, timeseries
from grafana.shapes import Json, Query, Step

ALLOWED = "0.001"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
JOURNEY = variable("journey", "Journey", "label_values(journey:requests:rate5m, journey)")
LEFT = [Step(None, "red"), Step(0.25, "orange"), Step(0.5, "green")]
JOURNEYS = {
    "register": "Registering for a tournament; a 5xx is an error.",
    "pay": "Paying for a seat; a 5xx is an error, a declined card is none.",
    "live": "An event's way to the sockets; longer than a second is an error.",
}


def board() -> Json:
    return dashboard(
        "slo",
        "SLO",
        "99.9 % over 30 days for each journey: what is left of the budget, and who burns it.",
        [
            *(budget(journey, about) for journey, about in JOURNEYS.items()),
            *(indicator(journey, about) for journey, about in JOURNEYS.items()),
            *burning(),
            row("Over time"),
            *over_time(),
        ],
        [JOURNEY],
    )


def budget(journey: str, about: str) -> Json:
    return stat(
        f"{journey}: budget left",
        f"{about} 100 % is the whole budget of 30 days, below 0 the objective is missed.",
        Query(f'journey:error_budget:remaining{{journey="{journey}"}}', "left"),
        unit="percentunit",
        steps=LEFT,
        empty="no traffic",
    )


def indicator(journey: str, about: str) -> Json:
    return stat(
        f"{journey}: went well, 1 h",
        f"{about} The objective is 99.9 %.",
        Query(f'1 - journey:errors:ratio_rate1h{{journey="{journey}"}}', "went well"),
        unit="percentunit",
        steps=[Step(None, "red"), Step(0.999, "green")],
        empty="no traffic",
    )


def burning() -> list[Json]:
    return [
        timeseries(
            "Fast burn: 1 h and 5 min",
            "Budget used, as a multiple of what lasts 30 days. Above 14.4 in both windows, 2 % of "
            "the budget are gone within the hour: it pages.",
            Query(burn("1h"), "{{journey}}, 1h"),
            Query(burn("5m"), "{{journey}}, 5m"),
            unit="x",
            steps=[Step(None, "green"), Step(14.4, "red")],
        ),
        timeseries(
            "Fast burn: 6 h and 30 min",
            "Above 6 in both windows, 5 % of the budget are gone within six hours: it pages.",
            Query(burn("6h"), "{{journey}}, 6h"),
            Query(burn("30m"), "{{journey}}, 30m"),
            unit="x",
            steps=[Step(None, "green"), Step(6, "red")],
        ),
        timeseries(
            "Slow burn: 1 d and 2 h, 3 d and 6 h",
            "Above 3 in a day and 2 hours, or above 1 in three days and 6 hours, it is a ticket: "
            "at 1 the budget lasts exactly 30 days.",
            Query(burn("1d"), "{{journey}}, 1d"),
            Query(burn("2h"), "{{journey}}, 2h"),
            Query(burn("3d"), "{{journey}}, 3d"),
            unit="x",
            steps=[Step(None, "green"), Step(1, "yellow"), Step(3, "orange")],
        ),
    ]


def over_time() -> list[Json]:
    return [
        timeseries(
            "Budget left",
            "What is left of 30 days' budget.",
            Query('journey:error_budget:remaining{journey=~"$journey"}', "{{journey}}"),
            unit="percentunit",
            steps=LEFT,
            minimum=None,
            maximum=1,
        ),
        timeseries(
            "Traffic",
            "How often each journey is made. With little of it, one error is a large share.",
            Query('journey:requests:rate5m{journey=~"$journey"}', "{{journey}}"),
            unit="reqps",
        ),
        timeseries(
            "Share of errors",
            "Of the journeys of five minutes, those that went wrong.",
            Query('journey:errors:ratio_rate5m{journey=~"$journey"}', "{{journey}}"),
            unit="percentunit",
            steps=[Step(None, "green"), Step(0.001, "orange")],
        ),
        table(
            "Burn by window",
            "Budget used in each window, as a multiple of what lasts 30 days.",
            *(Query(burn(window), window) for window in WINDOWS),
            by="journey",
            unit="x",
        ),
    ]


def burn(window: str) -> str:
    return f'journey:errors:ratio_rate{window}{{journey=~"$journey"}} / {ALLOWED}'
