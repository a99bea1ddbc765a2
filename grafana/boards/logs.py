"""Log lines from Loki: volume, errors, and a search by request or trace id."""

from grafana.dashboard import dashboard, row, textbox, variable
from grafana.panels import LEVELS, from_loki, logs, stat, timeseries
from grafana.shapes import LOKI, Json, Query
from grafana.thresholds import RED_FROM_1

STREAMS = '{service=~"$service"}'
BAD = '{service=~"$service",level=~"ERROR|CRITICAL"}'
SEARCHED = '{service=~"$service",level=~"$level"} | json'


def board() -> Json:
    return dashboard(
        "logs",
        "Logs",
        "Log lines of web, worker and beat. All lines of a request have the same request id.",
        [*counts(), row("Lines"), *lines()],
        [
            of_loki("service", "Service"),
            of_loki("level", "Level"),
            textbox("request_id", "Request id"),
            textbox("trace_id", "Trace id"),
            textbox("words", "Words"),
        ],
    )


def of_loki(label: str, title: str) -> Json:
    """Loki wants one matcher at least that does not match nothing."""
    chosen = variable(label, title, f"label_values({label})")
    return chosen | {"datasource": LOKI, "query": chosen["definition"], "allValue": ".+"}


def counts() -> list[Json]:
    shown = [
        stat(
            "Errors",
            "Lines of level ERROR and above within 5 minutes.",
            Query(f"sum(count_over_time({BAD}[5m])) or vector(0)", "errors"),
            unit="short",
            width=3,
            steps=RED_FROM_1,
        ),
        timeseries(
            "Log lines by level",
            "Log lines by level. More INFO lines are traffic, more ERROR lines are failures.",
            Query(f"sum by (level) (count_over_time({STREAMS}[$__interval]))", "{{level}}"),
            unit="short",
            width=9,
            bars=True,
            stacked=True,
            colors=LEVELS,
        ),
        timeseries(
            "Log lines by service",
            "Log lines written by each service.",
            Query(f"sum by (service) (count_over_time({STREAMS}[$__interval]))", "{{service}}"),
            unit="short",
            width=9,
            bars=True,
            stacked=True,
        ),
    ]
    errors, *over_time = (from_loki(panel) for panel in shown)
    return [errors, lost(), *over_time]


def lost() -> Json:
    """Asked of Prometheus: what was never written cannot be found in a log."""
    return stat(
        "Lost log lines",
        "Lines that could not be written to the console or the file within an hour.",
        Query("round(sum(increase(log_lines_lost_total[1h])))", "lost"),
        unit="short",
        width=3,
        steps=RED_FROM_1,
    )


def lines() -> list[Json]:
    return [
        logs(
            "Errors",
            "Lines of level ERROR and above, with tracebacks.",
            BAD,
            height=8,
        ),
        logs(
            "Search",
            "Lines with the request id, trace id and text above. Empty fields match all lines. "
            "The ids of a line link to the rest of its request.",
            f'{SEARCHED} |~ "(?i)$words" | request_id=~"$request_id.*" | trace_id=~"$trace_id.*"',
            height=14,
        ),
    ]
