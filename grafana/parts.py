"""The JSON that all kinds of panels share."""

import math
from collections.abc import Sequence

from grafana.project import SLUG
from grafana.shapes import PROMETHEUS, Json, Query, Step
from grafana.thresholds import thresholds

GREEN = [Step(None, "green")]
SAME_TIME_AND_VARIABLES = "${__url_time_range}&${__all_variables}"


def panel(
    kind: str,
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    size: tuple[int, int],
    unit: str,
    alerts: Sequence[str] = (),
    steps: Sequence[Step] = (),
    see: str | None = None,
) -> Json:
    """`alerts` add their thresholds and a sentence each. `see` links to that board."""
    if alerts:
        sentences = [thresholds()[alert].sentence(alert, unit) for alert in alerts]
        description = " ".join([description, *sentences])
        steps = steps_of(alerts, unit)
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": PROMETHEUS,
        "gridPos": {"w": size[0], "h": size[1]},
        "targets": [target(index, query) for index, query in enumerate(queries)],
        "links": [{"title": "More", "url": f"/d/{SLUG}-{see}?{SAME_TIME_AND_VARIABLES}"}]
        if see
        else [],
        "fieldConfig": {
            "defaults": {"unit": unit, "thresholds": absolute(steps or GREEN)},
            "overrides": [],
        },
    }


def steps_of(alerts: Sequence[str], unit: str) -> list[Step]:
    """The steps of all alerts in ascending order."""
    steps = {step for alert in alerts for step in thresholds()[alert].steps(unit)}
    return sorted(steps, key=lambda step: -math.inf if step.value is None else step.value)


def target(index: int, query: Query) -> Json:
    built: Json = {
        "refId": chr(ord("A") + index),
        "datasource": PROMETHEUS,
        "expr": query.expr,
        "legendFormat": query.legend,
        "range": True,
    }
    return built | {"exemplar": True} if query.exemplars else built


def absolute(steps: Sequence[Step]) -> Json:
    listed = [{"color": step.color, "value": step.value} for step in steps]
    return {"mode": "absolute", "steps": listed}


def lines(*, stacked: bool, bars: bool, threshold: bool) -> Json:
    """The drawing style of a time series."""
    return {
        "drawStyle": "bars" if bars else "line",
        "lineWidth": 1,
        "fillOpacity": 60 if bars else 30 if stacked else 10,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if threshold else "off"},
    }


def override(name: str, properties: Json) -> Json:
    """Applies to the series or column of that name, or to those that match a /pattern/."""
    matcher = "byRegexp" if name.startswith("/") else "byName"
    listed = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": matcher, "options": name}, "properties": listed}


def color(name: str) -> Json:
    return {"color": {"mode": "fixed", "fixedColor": name}}
