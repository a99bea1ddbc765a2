"""A dashboard: variables, links, and annotations for deploys and alerts."""

from collections.abc import Sequence

from grafana.layout import arranged
from grafana.project import NAME, SLUG
from grafana.shapes import PROMETHEUS, Json, Row

# When the oldest process of a release started. It changes when a release appears, and when all its
# processes were restarted: a deploy without SENTRY_RELEASE is marked too. In milliseconds.
DEPLOYS = (
    'min by (release) (process_start_time_seconds{job=~"web|worker"}'
    " * on (job, instance) group_left (release) app_build_info) * 1000"
)
FIRING = 'count by (alertname) (ALERTS{alertstate="firing",alertname!="Watchdog"}%s)'
NOW, BEFORE = FIRING % "", FIRING % " offset 1m"  # as long as a step: a mark is one point
DATASOURCE: Json = {
    "type": "datasource",
    "name": "datasource",
    "label": "Data source",
    "query": "prometheus",
    "current": {"text": "Prometheus", "value": "prometheus"},
}


def dashboard(
    name: str,
    title: str,
    description: str,
    panels: Sequence[Json],
    *,
    rows: Sequence[Row] = (),
    variables: Sequence[Json] = (),
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
        "templating": {"list": [DATASOURCE, *variables]},
        "annotations": {"list": _annotations()},
        "links": [_dashboard_links()],
        "panels": arranged(panels, rows),
    }


def variable(name: str, label: str, values: str, everything: str = ".*") -> Json:
    """A multi-value selection of label values. The default is all: the pattern `everything`."""
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
        "allValue": everything,
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


def processes(jobs: str) -> list[Json]:
    """Selections of jobs and their processes. `jobs` is a pattern."""
    return [
        variable("job", "Job", f'label_values(up{{job=~"{jobs}"}}, job)', jobs),
        variable("instance", "Process", 'label_values(up{job=~"$job"}, instance)'),
    ]


def _annotations() -> list[Json]:
    deploys = _annotation("Deploys", DEPLOYS, "blue", "{{release}} started")
    return [
        deploys | {"useValueForTime": True},
        _annotation("Alerts", f"{NOW} unless {BEFORE}", "red", "{{alertname}} fires"),
        _annotation("Resolved", f"{BEFORE} unless {NOW}", "green", "{{alertname}} resolved"),
    ]


def _annotation(name: str, expr: str, color: str, title: str) -> Json:
    return {
        "name": name,
        "datasource": PROMETHEUS,
        "enable": True,
        "iconColor": color,
        "expr": expr,
        "step": "1m",
        "titleFormat": title,
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
