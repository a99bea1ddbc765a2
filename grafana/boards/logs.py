"""The log lines, by Loki: how many, the bad ones, and those of one request or trace."""

from grafana.dashboard import dashboard, row, textbox, variable
from grafana.panels import LEVELS, from_loki, logs, stat, timeseries
from grafana.shapes import LOKI, Json, Query
from grafana.steps import NONE

STREAMS = '{service=~"$service"}'
BAD = '{service=~"$service",level=~"ERROR|CRITICAL"}'
SEARCHED = '{service=~"$service",level=~"$level"} | json'


def board() -> Json:
    return dashboard(
        "logs",
        "Logs",
        "Log lines of web, worker and beat; the same request id is in all lines of a request.",
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
            "Lines of level ERROR and above within five minutes.",
            Query(f"sum(count_over_time({BAD}[5m])) or vector(0)", "errors"),
            unit="short",
            width=3,
            steps=NONE,
        ),
        timeseries(
            "Lines by level",
            "How many lines of each level. A jump of INFO is traffic, one of ERROR a fault.",
            Query(f"sum by (level) (count_over_time({STREAMS}[$__interval]))", "{{level}}"),
            unit="short",
            width=9,
            bars=True,
            stacked=True,
            colors=LEVELS,
        ),
        timeseries(
            "Lines by service",
            "How many lines each service writes.",
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
        "Lines lost",
        "Lines that could not be written within an hour, to the console or the file.",
        Query("round(sum(increase(log_lines_lost_total[1h])))", "lost"),
        unit="short",
        width=3,
        steps=NONE,
    )


def lines() -> list[Json]:
    return [
        logs(
            "Errors",
            "Lines of level ERROR and above, with their tracebacks.",
            BAD,
            height=8,
        ),
        logs(
            "Search",
            "Lines with the request id, trace id and words above; those left empty do not matter. "
            "A line's own ids lead to the rest of its request.",
            f'{SEARCHED} |~ "(?i)$words" | request_id=~"$request_id.*" | trace_id=~"$trace_id.*"',
            height=14,
        ),
    ]
