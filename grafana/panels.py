"""The kinds of panels.

Each takes a title, a description and queries with a legend. The default unit is a count. A panel
whose `alert` is given draws the threshold of the alert and names it in its description.
"""

from collections.abc import Mapping, Sequence

from grafana import parts
from grafana.shapes import LOKI, Json, Query, Step
from grafana.thresholds import UP

STATUSES = {"/^2/": "green", "/^3/": "blue", "/^4/": "yellow", "/^5/": "red"}
LEVELS = {"CRITICAL": "dark-red", "ERROR": "red", "WARNING": "orange", "INFO": "green"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def timeseries(
    title: str,
    description: str,
    *queries: Query,
    unit: str = "short",
    width: int = 8,
    alert: str | Sequence[str] = (),
    steps: Sequence[Step] = (),
    stacked: bool = False,
    bars: bool = False,
    colors: Mapping[str, str] | None = None,
    minimum: float | None = 0,
    maximum: float | None = None,
    limit: Query | None = None,
    see: str | None = None,
) -> Json:
    """`limit` is the maximum of the other series, drawn as a red line."""
    colors = dict(colors or {})
    if limit:
        queries = (*queries, limit)
        colors[f"/^{limit.legend.split(',')[0]}/"] = "red"
    built = parts.panel(
        "timeseries", title, description, queries,
        size=(width, 8), unit=unit, alerts=_all(alert), steps=steps, see=see,
    )  # fmt: skip
    bounds = {"min": minimum, "max": maximum}
    built["fieldConfig"]["defaults"] |= {
        "color": {"mode": "palette-classic"},
        "custom": parts.lines(stacked=stacked, bars=bars, threshold=bool(alert or steps)),
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }
    built["fieldConfig"]["overrides"] = [
        parts.override(name, parts.color(color)) for name, color in colors.items()
    ]
    built["options"] = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc", "hideZeros": True},
    }
    return built


def stat(
    title: str,
    description: str,
    query: Query,
    *,
    unit: str = "short",
    width: int = 4,
    alert: str | Sequence[str] = (),
    steps: Sequence[Step] = (),
    mappings: Mapping[str, str] | None = None,
    show_name: bool = False,
    empty: str = "–",
    see: str | None = None,
) -> Json:
    """One value with a sparkline. `mappings` replaces values by text, `show_name` by the legend."""
    built = parts.panel(
        "stat", title, description, [query],
        size=(width, 4), unit=unit, alerts=_all(alert), steps=steps, see=see,
    )  # fmt: skip
    texts = {value: {"text": text} for value, text in (mappings or {}).items()}
    built["fieldConfig"]["defaults"] |= {
        "color": {"mode": "thresholds"},
        "noValue": empty,
        "mappings": [{"type": "value", "options": texts}] if texts else [],
    }
    built["options"] = {
        "colorMode": "value",
        "graphMode": "none" if mappings or show_name else "area",
        "reduceOptions": LAST,
        "textMode": "name" if show_name else "auto",
    }
    return built


def status(
    title: str,
    description: str,
    query: Query,
    *,
    width: int = 3,
    yes: str = "up",
    no: str = "down",
    empty: str = "not scraped",
) -> Json:
    """A status: 1 is green, 0 is red."""
    mappings = {"1": yes, "0": no}
    return stat(
        title, description, query,
        unit="short", width=width, mappings=mappings, steps=UP, empty=empty,
    )  # fmt: skip


def bars(
    title: str,
    description: str,
    *queries: Query,
    unit: str = "short",
    width: int = 8,
    steps: Sequence[Step] = (),
) -> Json:
    """Current values as horizontal bars."""
    built = parts.panel(
        "bargauge", title, description, queries, size=(width, 8), unit=unit, steps=steps
    )
    built["fieldConfig"]["defaults"] |= {"color": {"mode": "thresholds"}, "min": 0}
    built["options"] = {
        "displayMode": "basic",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "reduceOptions": LAST,
    }
    return _instant(built)


def heatmap(title: str, description: str, query: Query, *, unit: str, width: int = 8) -> Json:
    """Counts per bucket of a histogram, with exemplars as diamonds."""
    built = parts.panel("heatmap", title, description, [query], size=(width, 8), unit=unit)
    built["targets"][0]["format"] = "heatmap"
    built["options"] = {
        "calculate": False,
        "cellGap": 1,
        "color": {"mode": "scheme", "scheme": "Turbo", "steps": 64, "exponent": 0.5},
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "unit": unit, "reverse": False},
    }
    return built


def table(
    title: str,
    description: str,
    *queries: Query,
    by: str,
    unit: str = "short",
    units: Mapping[str, str] | None = None,
    width: int = 24,
) -> Json:
    """Current values: a row for each value of the label `by`, a column for each query."""
    built = _instant(parts.panel("table", title, description, queries, size=(width, 8), unit=unit))
    columns = {f"Value #{target['refId']}": target["legendFormat"] for target in built["targets"]}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate([by, *columns])},
        "renameByName": columns if len(queries) > 1 else {"Value": queries[0].legend},
    }
    built["transformations"] = [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": organize},
    ]
    built["fieldConfig"]["overrides"] = [
        parts.override(name, {"unit": column}) for name, column in (units or {}).items()
    ]
    for target in built["targets"]:
        target["format"] = "table"
    built["options"] = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
    return built


def logs(title: str, description: str, expr: str, *, height: int = 10) -> Json:
    """Log lines from Loki, newest first."""
    built = parts.panel(
        "logs", title, description, [Query(expr, "{{service}}")], size=(24, height), unit="short"
    )
    built["options"] = {
        "showTime": True,
        "wrapLogMessage": True,
        "enableLogDetails": True,
        "prettifyLogMessage": False,
        "dedupStrategy": "none",
        "sortOrder": "Descending",
    }
    return from_loki(built)


def from_loki(panel: Json) -> Json:
    for part in [panel, *panel["targets"]]:
        part["datasource"] = LOKI
    return panel


def _all(alert: str | Sequence[str]) -> Sequence[str]:
    return [alert] if isinstance(alert, str) else alert


def _instant(panel: Json) -> Json:
    for target in panel["targets"]:
        target |= {"instant": True, "range": False}
    return panel
