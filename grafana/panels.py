"""The kinds of panels.

Each takes a title, a description, queries with a legend, and the options of `shapes.Options`.
The default unit is a count.
"""

from collections.abc import Mapping
from typing import Unpack

from grafana import parts
from grafana.shapes import LOKI, Json, Options, Query, Series
from grafana.thresholds import UP

STATUSES = {"/^2/": "green", "/^3/": "blue", "/^4/": "yellow", "/^5/": "red"}
LEVELS = {"CRITICAL": "dark-red", "ERROR": "red", "WARNING": "orange", "INFO": "green"}
FIRST_COLUMN = 360  # pixels
UP_DOWN = {"1": "up", "0": "down"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def timeseries(
    title: str,
    description: str,
    *queries: Series,
    stacked: bool = False,
    bars: bool = False,
    colors: Mapping[str, str] | None = None,
    minimum: float | None = 0,
    maximum: float | None = None,
    limit: Query | None = None,
    **options: Unpack[Options],
) -> Json:
    """`limit` is the maximum of the other series, drawn as a dashed line. `bars` are stacked."""
    shown = (*queries, limit) if limit else queries
    built = parts.panel("timeseries", title, description, shown, **options)
    built["fieldConfig"]["defaults"] |= {
        "color": {"mode": "palette-classic"},
        "custom": parts.lines(options, stacked=stacked, bars=bars),
        "min": minimum,
        "max": maximum,
    }
    overrides = {name: parts.color(color) for name, color in (colors or {}).items()}
    if limit:
        overrides[f"/^{limit.legend.split(',')[0]}/"] = parts.DASHED
    built["fieldConfig"]["overrides"] = parts.overrides(overrides)
    built["options"] = {
        "legend": parts.legend(built["targets"]),
        "tooltip": {"mode": "multi", "sort": "desc", "hideZeros": True},
    }
    return built


def stat(
    title: str,
    description: str,
    query: Series,
    *,
    texts: Mapping[str, str] | None = None,
    show_name: bool = False,
    **options: Unpack[Options],
) -> Json:
    """One value with a sparkline. `texts` are shown in place of values, `show_name` the legend."""
    built = parts.panel("stat", title, description, [query], **options)
    built["gridPos"] = {"h": 4}
    defaults = built["fieldConfig"]["defaults"]
    defaults["color"] = {"mode": "thresholds"}
    defaults["mappings"] = parts.mappings(texts or {})
    if options.get("steps") != UP:  # no value is as bad as 0
        defaults["mappings"].append(parts.neutral(defaults["noValue"]))
    built["options"] = {
        "colorMode": "value",
        "graphMode": "none" if texts or show_name else "area",
        "reduceOptions": LAST,
        "textMode": "name" if show_name else "auto",
    }
    return built


def timeline(title: str, description: str, query: Series, **options: Unpack[Options]) -> Json:
    """The status of each series over time: 1 is up, 0 is down."""
    built = parts.panel("state-timeline", title, description, [query], **({"steps": UP} | options))
    built["fieldConfig"]["defaults"] |= {
        "color": {"mode": "thresholds"},
        "custom": {"fillOpacity": 70, "lineWidth": 0},
        "mappings": parts.mappings(UP_DOWN),
    }
    built["options"] = {
        "mergeValues": True,
        "showValue": "never",
        "rowHeight": 0.9,
        "legend": {"showLegend": False},
        "tooltip": {"mode": "single"},
    }
    return built


def bars(title: str, description: str, *queries: Series, **options: Unpack[Options]) -> Json:
    """Current values as horizontal bars."""
    built = parts.panel("bargauge", title, description, queries, **options)
    built["fieldConfig"]["defaults"] |= {"color": {"mode": "thresholds"}, "min": 0}
    built["options"] = {
        "displayMode": "basic",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "reduceOptions": LAST,
    }
    return _instant(built)


def heatmap(title: str, description: str, query: Series, **options: Unpack[Options]) -> Json:
    """Counts per bucket of a histogram, with exemplars as diamonds."""
    built = parts.panel("heatmap", title, description, [query], **options)
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
        "yAxis": {"axisPlacement": "left", "unit": options.get("unit"), "reverse": False},
    }
    return built


def table(
    title: str,
    description: str,
    *queries: Query,
    by: str,
    units: Mapping[str, str] | None = None,
    **options: Unpack[Options],
) -> Json:
    """Current values: a row for each value of the label `by`, a column for each of its queries."""
    built = _instant(parts.panel("table", title, description, queries, **options))
    built["fieldConfig"]["defaults"] |= {"links": [], "custom": {"minWidth": 80}}
    columns = {f"Value #{target['refId']}": target["legendFormat"] for target in built["targets"]}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate([by, *columns])},
        "renameByName": columns,
    }
    built["transformations"] = [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": organize},
    ]
    first = {"links": parts.row_links(options), "custom.width": FIRST_COLUMN}
    overrides = {by: first} | {name: {"unit": unit} for name, unit in (units or {}).items()}
    built["fieldConfig"]["overrides"] = parts.overrides(overrides)
    for target in built["targets"]:
        target["format"] = "table"
    by_first = [{"displayName": queries[0].legend, "desc": True}]
    built["options"] = {"showHeader": True, "cellHeight": "sm", "sortBy": by_first}
    return built


def alert_list(title: str, description: str, **options: Unpack[Options]) -> Json:
    """The firing alerts of all data sources."""
    built = parts.panel("alertlist", title, description, [], **options)
    built["options"] = {
        "viewMode": "list",
        "groupMode": "default",
        "maxItems": 20,
        "sortOrder": 3,  # by importance
        "alertInstanceLabelFilter": '{alertname!="Watchdog"}',
        "stateFilter": {
            "firing": True,
            "pending": False,
            "noData": False,
            "normal": False,
            "error": True,
        },
    }
    return built


def logs(title: str, description: str, expr: str, height: int, **options: Unpack[Options]) -> Json:
    """Log lines from Loki, newest first."""
    built = parts.panel("logs", title, description, [Query(expr, "{{service}}")], **options)
    built["gridPos"] = {"h": height}
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


def _instant(panel: Json) -> Json:
    for target in panel["targets"]:
        target |= {"instant": True, "range": False}
    return panel
