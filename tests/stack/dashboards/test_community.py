"""Dashboards that others made for django-prometheus show data here too."""

import json
from typing import Any

import pytest

from stack.processes import ROOT, Process
from tests.stack.dashboards.asking import answers

pytestmark = pytest.mark.stack

DATA = json.loads((ROOT / "tests/data/community_dashboards.json").read_text())
SHAPES = {
    "value": "max by ({by}) ({selector})",
    "rate": "sum by ({by}) (rate({selector}[5m]))",
    "increase": "sum by ({by}) (increase({selector}[5m]))",
    "quantile": "histogram_quantile(0.95, sum by ({by}, le) (rate({selector}[5m])))",
}


def expression(panel: dict[str, Any]) -> str:
    there = [f'{label}=~".+"' for label in panel["matches"]]
    chosen = [f'{label}=~"{value}"' for label, value in panel.get("where", {}).items()]
    selector = f"{panel['metric']}{{{','.join(there + chosen)}}}"
    return SHAPES[panel["as"]].format(by=", ".join(panel["by"]), selector=selector)


@pytest.mark.parametrize(
    "panel", DATA["panels"], ids=[f"{one['source']}: {one['panel']}" for one in DATA["panels"]]
)
def test_its_panel_has_data(prometheus: Process, panel: dict[str, Any]) -> None:
    for series in answers(prometheus, expression(panel)):
        assert set(panel["by"]) <= series.keys()
