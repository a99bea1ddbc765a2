"""The kinds of panel that the dashboards are made of.

Each takes a title, a description and what it shows, and comes with a size, a unit, a legend for
every series and, where an alert watches what it shows, the alert's threshold.
"""

from collections.abc import Mapping, Sequence

from grafana import parts
from grafana.shapes import LOKI, Json, Query, Step
from grafana.steps import UP

STATUSES = {"/^2/": "green", "/^3/": "blue", "/^4/": "yellow", "/^5/": "red"}
LEVELS = {"CRITICAL": "dark-red", "ERROR": "red", "WARNING": "orange", "INFO": "green"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def timeseries(
    title: str,
    about: str,
    *queries: Query,
    unit: str,
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
    """`limit` is what the others may come to: a red line."""
    painted = dict(colors or {})
    if limit:
        queries = (*queries, limit)
        painted[f"/^{limit.legend.split(',')[0]}/"] = "red"
    made = parts.panel(
        "timeseries", title, about, queries,
        size=(width, 8), unit=unit, alerts=_all(alert), steps=steps, see=see,
    )  # fmt: skip
    bounds = {"min": minimum, "max": maximum}
    made["fieldConfig"]["defaults"] |= {
        "color": {"mode": "palette-classic"},
        "custom": parts.lines(stacked=stacked, bars=bars, threshold=bool(alert or steps)),
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }
    made["fieldConfig"]["overrides"] = [
        parts.override(name, parts.color(color)) for name, color in painted.items()
    ]
    made["options"] = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc", "hideZeros": True},
    }
    return made


def stat(
    title: str,
    about: str,
    query: Query,
    *,
    unit: str,
    width: int = 4,
    alert: str | Sequence[str] = (),
    steps: Sequence[Step] = (),
    words: Mapping[str, str] | None = None,
    names: bool = False,
    empty: str = "–",
    see: str | None = None,
) -> Json:
    """One figure with its course. `words` says values in words; `names` shows the legend only."""
    made = parts.panel(
        "stat", title, about, [query],
        size=(width, 4), unit=unit, alerts=_all(alert), steps=steps, see=see,
    )  # fmt: skip
    said = {value: {"text": word} for value, word in (words or {}).items()}
    made["fieldConfig"]["defaults"] |= {
        "color": {"mode": "thresholds"},
        "noValue": empty,
        "mappings": [{"type": "value", "options": said}] if said else [],
    }
    made["options"] = {
        "colorMode": "value",
        "graphMode": "none" if words or names else "area",
        "reduceOptions": LAST,
        "textMode": "name" if names else "auto",
    }
    return made


def works(
    title: str,
    about: str,
    query: Query,
    *,
    width: int = 3,
    yes: str = "up",
    no: str = "down",
    empty: str = "not scraped",
) -> Json:
    """Said in a word: 1 is good, 0 is bad, and to know nothing is neither."""
    words = {"1": yes, "0": no}
    return stat(title, about, query, unit="short", width=width, words=words, steps=UP, empty=empty)


def bars(
    title: str, about: str, *queries: Query, unit: str, width: int = 8, steps: Sequence[Step] = ()
) -> Json:
    """Figures one above the other, as they are now."""
    made = parts.panel("bargauge", title, about, queries, size=(width, 8), unit=unit, steps=steps)
    made["fieldConfig"]["defaults"] |= {"color": {"mode": "thresholds"}, "min": 0}
    made["options"] = {
        "displayMode": "basic",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "reduceOptions": LAST,
    }
    return _as_of_now(made)


def heatmap(title: str, about: str, query: Query, *, unit: str, width: int = 8) -> Json:
    """How many fell into each bucket; its exemplars are diamonds."""
    made = parts.panel("heatmap", title, about, [query], size=(width, 8), unit=unit)
    made["targets"][0]["format"] = "heatmap"
    made["options"] = {
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
    return made


def table(
    title: str,
    about: str,
    *queries: Query,
    by: str,
    unit: str,
    units: Mapping[str, str] | None = None,
    width: int = 24,
) -> Json:
    """A line for each value of the label `by`, a column for each query, as they are now."""
    made = _as_of_now(parts.panel("table", title, about, queries, size=(width, 8), unit=unit))
    columns = {f"Value #{target['refId']}": target["legendFormat"] for target in made["targets"]}
    arrangement = {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate([by, *columns])},
        "renameByName": columns if len(queries) > 1 else {"Value": queries[0].legend},
    }
    made["transformations"] = [
        {"id": "merge", "options": {}},
        {"id": "organize", "options": arrangement},
    ]
    made["fieldConfig"]["overrides"] = [
        parts.override(name, {"unit": own}) for name, own in (units or {}).items()
    ]
    for target in made["targets"]:
        target["format"] = "table"
    made["options"] = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
    return made


def logs(title: str, about: str, expr: str, *, height: int = 10) -> Json:
    """Lines from Loki, the newest first."""
    made = parts.panel(
        "logs", title, about, [Query(expr, "{{service}}")], size=(24, height), unit="short"
    )
    made["options"] = {
        "showTime": True,
        "wrapLogMessage": True,
        "enableLogDetails": True,
        "prettifyLogMessage": False,
        "dedupStrategy": "none",
        "sortOrder": "Descending",
    }
    return from_loki(made)


def from_loki(panel: Json) -> Json:
    for part in [panel, *panel["targets"]]:
        part["datasource"] = LOKI
    return panel


def _all(alert: str | Sequence[str]) -> Sequence[str]:
    return [alert] if isinstance(alert, str) else alert


def _as_of_now(panel: Json) -> Json:
    for target in panel["targets"]:
        target |= {"instant": True, "range": False}
    return panel
