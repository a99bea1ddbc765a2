"""Log lines from Loki: volume, errors, and a search by request or trace id."""

from grafana.dashboard import dashboard, row, textbox, variable
from grafana.panels import LEVELS, from_loki, logs, stat, timeseries
from grafana.shapes import LOKI, Json, Query
from grafana.thresholds import RED_FROM_1

STREAMS = '{service=~"$service"}'
ERRORS = '{service=~"$service",level=~"ERROR|CRITICAL"}'
SEARCH = '{service=~"$service",level=~"$level"} | json'


def board() -> Json:
    return dashboard(
        "logs",
        "Logs",
        "Log lines of web, worker and beat. All lines of a request have the same request id.",
        [*counts(), row("Lines"), *lines()],
        [
            loki_variable("service", "Service"),
            loki_variable("level", "Level"),
            textbox("request_id", "Request id"),
            textbox("trace_id", "Trace id"),
            textbox("words", "Text"),
        ],
    )


def loki_variable(label: str, title: str) -> Json:
    """Loki requires a matcher that does not match the empty string."""
    selection = variable(label, title, f"label_values({label})")
    return selection | {"datasource": LOKI, "query": selection["definition"], "allValue": ".+"}


def counts() -> list[Json]:
    panels = [
        stat(
            "Errors",
            "Lines of level ERROR and above within 5 minutes.",
            Query(f"sum(count_over_time({ERRORS}[5m])) or vector(0)", "errors"),
            width=3,
            steps=RED_FROM_1,
        ),
        timeseries(
            "Log lines by level",
            "Log lines by level. More INFO lines are traffic, more ERROR lines are failures.",
            Query(f"sum by (level) (count_over_time({STREAMS}[$__interval]))", "{{level}}"),
            width=9,
            bars=True,
            stacked=True,
            colors=LEVELS,
        ),
        timeseries(
            "Log lines by service",
            "Log lines written by each service.",
            Query(f"sum by (service) (count_over_time({STREAMS}[$__interval]))", "{{service}}"),
            width=9,
            bars=True,
            stacked=True,
        ),
    ]
    errors, *over_time = (from_loki(panel) for panel in panels)
    return [errors, lost_lines(), *over_time]


def lost_lines() -> Json:
    """From Prometheus, because lost lines are not in Loki."""
    return stat(
        "Lost log lines",
        "Lines that could not be written to the console or the file within an hour.",
        Query("round(sum(increase(log_lines_lost_total[1h])))", "lost"),
        width=3,
        steps=RED_FROM_1,
    )


def lines() -> list[Json]:
    return [
        logs("Errors", "Lines of level ERROR and above, with tracebacks.", ERRORS, height=8),
        logs(
            "Search",
            "Lines with the request id, trace id and text above. Empty fields match all lines. "
            "The ids of a line link to the rest of its request.",
            f'{SEARCH} |~ "(?i)$words" | request_id=~"$request_id.*" | trace_id=~"$trace_id.*"',
            height=14,
        ),
    ]
