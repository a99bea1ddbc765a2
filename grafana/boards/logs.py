"""Log lines from Loki: volume, errors, and a search by request or trace id."""

from grafana.dashboard import dashboard, textbox, variable
from grafana.panels import LEVELS, from_loki, logs, stat, timeseries
from grafana.queries import within
from grafana.shapes import LOKI, Json, Link, Query, Row
from grafana.thresholds import RED_FROM_1

STREAMS = '{service=~"$service"}'
ERRORS = '{service=~"$service",level=~"ERROR|CRITICAL"}'
SEARCH = '{service=~"$service",level=~"$level"} | json'


def loki_variable(label: str, title: str) -> Json:
    """Loki requires a matcher that does not match the empty string."""
    selection = variable(label, title, f"label_values({label})", ".+")
    return selection | {"datasource": LOKI, "query": selection["definition"]}


COUNTS = [
    from_loki(
        stat(
            "Errors",
            "Lines of level ERROR and above within 5 minutes.",
            f"sum(count_over_time({ERRORS}[5m])) or vector(0)",
            steps=RED_FROM_1,
        )
    ),
    stat(  # from Prometheus, because lost lines are not in Loki
        "Lost log lines",
        "Lines that could not be written to the console or the file within an hour.",
        within("1h", "log_lines_lost_total"),
        steps=RED_FROM_1,
    ),
    from_loki(
        timeseries(
            "Log lines by level",
            "Log lines by level. More INFO lines are traffic, more ERROR lines are failures.",
            Query(f"sum by (level) (count_over_time({STREAMS}[$__interval]))", "{{level}}"),
            bars=True,
            colors=LEVELS,
            empty="No lines",
            see=Link("logs", {"level": "level"}),
        )
    ),
    from_loki(
        timeseries(
            "Log lines by service",
            "Log lines written by each service.",
            Query(f"sum by (service) (count_over_time({STREAMS}[$__interval]))", "{{service}}"),
            bars=True,
            empty="No lines",
            see=Link("logs", {"service": "service"}),
        )
    ),
]
LINES = [
    logs(
        "Errors", "Lines of level ERROR and above, with tracebacks.", ERRORS, 8, empty="No errors"
    ),
    logs(
        "Search",
        "Lines with the request id, trace id and text above. Empty fields match all lines. "
        "The ids of a line link to the rest of its request.",
        f'{SEARCH} |~ "(?i)$words" | request_id=~"$request_id.*" | trace_id=~"$trace_id.*"',
        14,
        empty="No lines",
    ),
]
BOARD = dashboard(
    "logs",
    "Logs",
    "Log lines of web, worker and beat. All lines of a request have the same request id.",
    COUNTS,
    rows=[Row("Lines", LINES)],
    variables=[
        loki_variable("service", "Service"),
        loki_variable("level", "Level"),
        textbox("request_id", "Request id"),
        textbox("trace_id", "Trace id"),
        textbox("words", "Text"),
    ],
)
