"""A dashboard: layout of its panels, variables, links, and annotations for deploys and alerts."""

from collections.abc import Sequence

from grafana.project import NAME, SLUG
from grafana.shapes import PROMETHEUS, Json

COLUMNS = 24
DEPLOYS = (
    "sum by (release) (app_build_info) unless sum by (release) (app_build_info offset 5m)"
    " and on () (sum(app_build_info offset 5m))"
)
ALERTS = 'ALERTS{alertstate="firing",alertname!="Watchdog"}'


def dashboard(
    name: str, title: str, description: str, panels: Sequence[Json], variables: Sequence[Json] = ()
) -> Json:
    return {
        "uid": f"{SLUG}-{name}",
        "title": f"{NAME} / {title}",
        "description": description,
        "tags": [SLUG],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "15s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(variables)},
        "annotations": {"list": [
            _annotation("Deploys", DEPLOYS, "blue", "{{release}} deployed"),
            _annotation("Alerts", ALERTS, "red", "{{alertname}} firing"),
        ]},
        "links": [_dashboard_links()],
        "panels": arranged(panels),
    }  # fmt: skip


def row(title: str) -> Json:
    """A row header for the panels that follow."""
    return {"type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"w": COLUMNS, "h": 1}}  # fmt: skip


def arranged(panels: Sequence[Json]) -> list[Json]:
    """Numbers the panels and places them from left to right, line by line."""
    x = y = height = 0
    for number, panel in enumerate(panels, start=1):
        size = panel["gridPos"]
        if x + size["w"] > COLUMNS:
            x, y, height = 0, y + height, 0
        panel["id"] = number
        panel["gridPos"] = {"x": x, "y": y, "w": size["w"], "h": size["h"]}
        x, height = x + size["w"], max(height, size["h"])
    return list(panels)


def variable(name: str, label: str, values: str) -> Json:
    """A multi-value selection of label values. The default is all."""
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": PROMETHEUS,
        "query": {"query": values, "refId": f"variable-{name}"},
        "definition": values,
        "refresh": 2,
        "sort": 3,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def textbox(name: str, label: str) -> Json:
    return {
        "type": "textbox",
        "name": name,
        "label": label,
        "query": "",
        "current": {"text": "", "value": ""},
    }


def instances(job: str) -> Json:
    """A selection of the processes of a job."""
    return variable("instance", "Process", f'label_values(up{{job=~"{job}"}}, instance)')


def _annotation(name: str, expr: str, color: str, title: str) -> Json:
    return {
        "name": name,
        "datasource": PROMETHEUS,
        "enable": True,
        "iconColor": color,
        "expr": expr,
        "step": "15s",
        "titleFormat": title,
        "tagKeys": "severity,journey",
    }


def _dashboard_links() -> Json:
    return {
        "type": "dashboards",
        "title": NAME,
        "tags": [SLUG],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
    }
