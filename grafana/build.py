#!/usr/bin/env python
"""Writes the dashboards in `dashboards/`, which Grafana reads as they are.

python grafana/build.py            write them
python grafana/build.py --check    exit 1 where a file is not what this would write
"""

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "prometheus"}
Json = dict[str, Any]


def panel(
    title: str, expr: str, *, unit: str, legend: str, about: str, warn_at: float | None = None
) -> Json:
    """A time series. `warn_at` draws the threshold of the alert on it."""
    steps: list[Json] = [{"color": "green", "value": None}]
    if warn_at is not None:
        steps.append({"color": "red", "value": warn_at})
    return {
        "type": "timeseries",
        "title": title,
        "description": about,
        "datasource": DATASOURCE,
        "targets": [{"refId": "A", "datasource": DATASOURCE, "expr": expr, "legendFormat": legend}],
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "min": 0,
                "custom": {
                    "fillOpacity": 10,
                    "showPoints": "never",
                    "spanNulls": False,
                    "thresholdsStyle": {"mode": "line" if warn_at is not None else "off"},
                },
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    }


def arranged(panels: list[Json], *, columns: int = 2, height: int = 8) -> list[Json]:
    """Numbers the panels and lays them out row by row."""
    width = 24 // columns
    for number, one in enumerate(panels):
        one["id"] = number + 1
        row, column = divmod(number, columns)
        one["gridPos"] = {"x": column * width, "y": row * height, "w": width, "h": height}
    return panels


def dashboard(uid: str, title: str, about: str, panels: list[Json]) -> Json:
    return {
        "uid": uid,
        "title": title,
        "description": about,
        "tags": ["deltacrown"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "15s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "templating": {"list": []},
        "annotations": {"list": []},
        "links": [],
        "panels": arranged(panels),
    }


def overview() -> Json:
    """The six queries of MONITORING.md, as it has them."""
    return dashboard(
        "deltacrown-overview",
        "DeltaCrown / Overview",
        "Is it up, is it quick, is it used? The six queries of the monitoring guide.",
        [
            panel(
                "Active WebSocket connections",
                "sum(ws_connections_active) by (tournament_id)",
                unit="short",
                legend="tournament {{tournament_id}}",
                about="Sockets open now, counted where they begin and end, by tournament.",
            ),
            panel(
                "WebSocket message rate",
                "rate(ws_messages_received_total[5m])",
                unit="msg/s",
                legend="{{message_type}}, tournament {{tournament_id}}",
                about="Messages that clients send, by type.",
            ),
            panel(
                "HTTP request rate",
                "rate(django_http_requests_total_by_method[5m])",
                unit="reqps",
                legend="{{method}} {{status}}",
                about="Requests by method and status. Probes and scrapes are not traffic.",
            ),
            panel(
                "95th percentile request latency",
                "histogram_quantile(0.95, rate(django_http_requests_latency_seconds_bucket[5m]))",
                unit="s",
                legend="{{instance}}",
                about="One request in twenty takes longer. The alert warns above 2 s.",
                warn_at=2,
            ),
            panel(
                "Database query rate",
                "rate(django_db_query_total[5m])",
                unit="ops",
                legend="{{alias}} ({{vendor}}), {{instance}}",
                about="Queries of each process. The alert warns above 1,000 a second in all.",
                warn_at=1000,
            ),
            panel(
                "Error rate (HTTP 5xx)",
                'rate(django_http_requests_total_by_method{status=~"5.."}[5m])',
                unit="reqps",
                legend="{{method}} {{status}}",
                about="Requests that failed by our fault. The alert pages above 0.33/s in all.",
                warn_at=0.33,
            ),
        ],
    )


DASHBOARDS = {"overview.json": overview}


def main() -> int:
    stale = []
    for name, build in DASHBOARDS.items():
        path, text = FOLDER / name, json.dumps(build(), indent=2) + "\n"
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
                print(f"wrote {path}")
    if stale and "--check" in sys.argv:
        print(f"Not up to date: {', '.join(stale)}. Run grafana/build.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
