"""The committed dashboards, for tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

FOLDER = Path(__file__).parent.parent / "grafana" / "dashboards"
VARIABLE = re.compile(r"\$([a-z_]\w*)")  # and not a group of label_replace
CHOSEN = {"__rate_interval": "1m", "__interval": "15s", "__range": "30m"}


class Shown(NamedTuple):
    """One query of a panel."""

    board: str
    panel: str
    place: str
    expr: str
    legend: str
    source: str
    exemplars: bool

    @property
    def name(self) -> str:
        return f"{self.board}: {self.panel} {self.place}"


def boards() -> list[Json]:
    return [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]


def panels(board: Json) -> list[Json]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries(source: str) -> list[Shown]:
    """Those of every panel that ask this kind of data source."""
    return [query for board in boards() for query in _of(board) if query.source == source]


def _of(board: Json) -> Iterator[Shown]:
    for panel in panels(board):
        for target in panel["targets"]:
            yield Shown(
                board["uid"].removeprefix("deltacrown-"),
                panel["title"],
                target["refId"],
                target["expr"],
                target["legendFormat"],
                target["datasource"]["type"],
                target.get("exemplar", False),
            )


def with_everything_chosen(expr: str) -> str:
    """As Grafana sends it with every variable at All."""
    return VARIABLE.sub(lambda match: CHOSEN.get(match[1], ".*"), expr)
