"""Community dashboards for django-prometheus show data for this project."""

import json
from typing import Any

import pytest

from stack.processes import ROOT, Process
from tests.stack.dashboards.queries import series_of

pytestmark = pytest.mark.stack

DATA = json.loads((ROOT / "tests/data/community_dashboards.json").read_text())
SHAPES = {
    "value": "max by ({by}) ({selector})",
    "rate": "sum by ({by}) (rate({selector}[5m]))",
    "increase": "sum by ({by}) (increase({selector}[5m]))",
    "quantile": "histogram_quantile(0.95, sum by ({by}, le) (rate({selector}[5m])))",
}


def expression(panel: dict[str, Any]) -> str:
    present = [f'{label}=~".+"' for label in panel["matches"]]
    selected = [f'{label}=~"{value}"' for label, value in panel.get("where", {}).items()]
    selector = f"{panel['metric']}{{{','.join(present + selected)}}}"
    return SHAPES[panel["as"]].format(by=", ".join(panel["by"]), selector=selector)


@pytest.mark.parametrize(
    "panel",
    DATA["panels"],
    ids=[f"{panel['source']}: {panel['panel']}" for panel in DATA["panels"]],
)
def test_a_community_panel_has_data(prometheus: Process, panel: dict[str, Any]) -> None:
    for series in series_of(prometheus, expression(panel)):
        assert set(panel["by"]) <= series.keys()
