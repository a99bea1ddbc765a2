"""What every kind of panel is made of."""

import math
from collections.abc import Sequence

from grafana.limits import LIMITS
from grafana.project import SLUG
from grafana.shapes import PROMETHEUS, Json, Query, Step

GREEN = [Step(None, "green")]
AS_HERE = "${__url_time_range}&${__all_variables}"


def panel(
    kind: str,
    title: str,
    about: str,
    queries: Sequence[Query],
    *,
    size: tuple[int, int],
    unit: str,
    alerts: Sequence[str] = (),
    steps: Sequence[Step] = (),
    see: str | None = None,
) -> Json:
    """`alerts` give the thresholds and a sentence each, `see` a link to the board of that name."""
    if alerts:
        about = " ".join([about, *(LIMITS[alert].sentence(alert) for alert in alerts)])
        steps = steps_of(alerts)
    return {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": PROMETHEUS,
        "gridPos": {"w": size[0], "h": size[1]},
        "targets": [target(place, query) for place, query in enumerate(queries)],
        "links": [{"title": "More", "url": f"/d/{SLUG}-{see}?{AS_HERE}"}] if see else [],
        "fieldConfig": {
            "defaults": {"unit": unit, "thresholds": thresholds(steps or GREEN)},
            "overrides": [],
        },
    }


def steps_of(alerts: Sequence[str]) -> list[Step]:
    """Those of all alerts, from the lowest up."""
    every = {step for alert in alerts for step in LIMITS[alert].steps()}
    return sorted(every, key=lambda step: -math.inf if step.value is None else step.value)


def target(place: int, query: Query) -> Json:
    made: Json = {
        "refId": chr(ord("A") + place),
        "datasource": PROMETHEUS,
        "expr": query.expr,
        "legendFormat": query.legend,
        "range": True,
    }
    return made | {"exemplar": True} if query.exemplars else made


def thresholds(steps: Sequence[Step]) -> Json:
    listed = [{"color": step.color, "value": step.value} for step in steps]
    return {"mode": "absolute", "steps": listed}


def lines(*, stacked: bool, bars: bool, threshold: bool) -> Json:
    """How a time series is drawn."""
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
    """For the series or column of that name; /between slashes/ it is a pattern."""
    matcher = "byRegexp" if name.startswith("/") else "byName"
    listed = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": matcher, "options": name}, "properties": listed}


def color(name: str) -> Json:
    return {"color": {"mode": "fixed", "fixedColor": name}}
