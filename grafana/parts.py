"""The JSON that all kinds of panels share."""

import math
from collections.abc import Mapping, Sequence
from typing import Unpack

from grafana.project import SLUG
from grafana.shapes import NOT_SCRAPED, PROMETHEUS, Json, Link, Options, Query, Series, Step
from grafana.thresholds import thresholds

COUNT = "short"
GREEN = [Step(None, "green")]
SAME_TIME = "${__url_time_range}"
# The axis of a panel whose values are all 0 ends here. Grafana's own choice is 100, or 10,000 %.
SOFT_MAXIMUM = {COUNT: 5, "percentunit": 0.1, "s": 0.001, "bytes": 1024, "Bps": 1024}


def panel(
    kind: str, title: str, description: str, queries: Sequence[Series], **options: Unpack[Options]
) -> Json:
    unit, alert = options.get("unit", COUNT), options.get("alert", ())
    alerts = [alert] if isinstance(alert, str) else alert
    sentences = [thresholds()[name].sentence(name, unit) for name in alerts]
    steps = steps_of(alerts, unit) if alerts else options.get("steps") or GREEN
    return {
        "type": kind,
        "title": title,
        "description": " ".join([description, *sentences]),
        "datasource": PROMETHEUS,
        "gridPos": {"h": 8},
        "targets": [target(index, query, title) for index, query in enumerate(queries)],
        "links": panel_links(options),
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "thresholds": absolute(steps),
                "noValue": options.get("empty", NOT_SCRAPED),
                "links": series_links(options),
            },
            "overrides": [],
        },
    }


def steps_of(alerts: Sequence[str], unit: str) -> list[Step]:
    """The steps of all alerts in ascending order."""
    steps = {step for alert in alerts for step in thresholds()[alert].steps(unit)}
    return sorted(steps, key=lambda step: -math.inf if step.value is None else step.value)


def target(index: int, series: Series, title: str) -> Json:
    query = series if isinstance(series, Query) else Query(series, title)
    built: Json = {
        "refId": chr(ord("A") + index),
        "datasource": PROMETHEUS,
        "expr": query.expr,
        "legendFormat": query.legend,
        "range": True,
    }
    return built | {"exemplar": True} if query.exemplars else built


def panel_links(options: Options) -> list[Json]:
    if "see" not in options:
        return []
    see = options["see"]
    board = see.board if isinstance(see, Link) else see
    return [link("More", board, "${__all_variables}")]


def series_links(options: Options) -> list[Json]:
    """Each series opens the other board with its labels as variables."""
    return _filled(options, "${__field.labels.%s}")


def row_links(options: Options) -> list[Json]:
    """The same for each row of a table."""
    return _filled(options, "${__data.fields.%s}")


def _filled(options: Options, label_value: str) -> list[Json]:
    see = options.get("see")
    if not isinstance(see, Link):
        return []
    values = [f"var-{name}={label_value % label}" for name, label in see.variables.items()]
    return [link("Only this one", see.board, "${datasource:queryparam}", *values)]


def link(title: str, board: str, *parameters: str) -> Json:
    return {"title": title, "url": f"/d/{SLUG}-{board}?{'&'.join([SAME_TIME, *parameters])}"}


def absolute(steps: Sequence[Step]) -> Json:
    listed = [{"color": step.color, "value": step.value} for step in steps]
    return {"mode": "absolute", "steps": listed}


def lines(options: Options, *, stacked: bool, bars: bool) -> Json:
    """The drawing style of a time series."""
    thresholds_drawn = "alert" in options or "steps" in options
    return {
        "drawStyle": "bars" if bars else "line",
        "lineWidth": 1,
        "fillOpacity": 60 if bars else 30 if stacked else 10,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked or bars else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if thresholds_drawn else "off"},
        "axisSoftMax": SOFT_MAXIMUM.get(options.get("unit", COUNT), 1),
    }


def legend(targets: Sequence[Json]) -> Json:
    """A table if there may be several series."""
    several = len(targets) > 1 or "{{" in targets[0]["legendFormat"]
    calculations = {"calcs": ["mean", "max", "lastNotNull"], "sortBy": "Max", "sortDesc": True}
    return {
        "displayMode": "table" if several else "list",
        "placement": "bottom",
        "showLegend": True,
        **(calculations if several else {"calcs": []}),
    }


def overrides(properties: Mapping[str, Json]) -> list[Json]:
    """Properties of the series or column of that name, or of those that match a /pattern/."""
    return [
        {
            "matcher": {"id": "byRegexp" if name.startswith("/") else "byName", "options": name},
            "properties": [{"id": key, "value": value} for key, value in own.items()],
        }
        for name, own in properties.items()
    ]


def color(name: str) -> Json:
    return {"color": {"mode": "fixed", "fixedColor": name}}


DASHED = color("red") | {
    "custom.lineStyle": {"fill": "dash", "dash": [10, 10]},
    "custom.fillOpacity": 0,
    "custom.stacking": {"mode": "none"},
}


def mappings(texts: Mapping[str, str]) -> list[Json]:
    """Texts in place of values."""
    return [{"type": "value", "options": {value: {"text": text} for value, text in texts.items()}}]


def neutral(empty: str) -> Json:
    """Without it, the text of an empty panel has the color of the first step: often red."""
    result = {"text": empty, "color": "text"}
    return {"type": "special", "options": {"match": "null", "result": result}}
