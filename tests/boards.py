"""The committed dashboards, for tests."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from grafana.layout import with_collapsed

Json = dict[str, Any]

FOLDER = Path(__file__).parent.parent / "grafana" / "dashboards"


class PanelQuery(NamedTuple):
    board: str
    panel: str
    ref_id: str
    expr: str
    legend: str
    source: str
    exemplars: bool

    @property
    def name(self) -> str:
        return f"{self.board}: {self.panel} {self.ref_id}"


@cache
def boards() -> list[Json]:
    return [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]


def panels(board: Json) -> list[Json]:
    return [panel for panel in with_collapsed(board["panels"]) if panel["type"] != "row"]


def queries(source: str) -> list[PanelQuery]:
    """The queries of all panels to this kind of data source."""
    return [query for board in boards() for query in _of(board) if query.source == source]


def _of(board: Json) -> Iterator[PanelQuery]:
    for panel in panels(board):
        for target in panel["targets"]:
            yield PanelQuery(
                board["uid"].removeprefix("deltacrown-"),
                panel["title"],
                target["refId"],
                target["expr"],
                target["legendFormat"],
                target["datasource"]["type"],
                target.get("exemplar", False),
            )
