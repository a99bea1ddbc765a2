"""The types that the modules of this package share."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

Json = dict[str, Any]

PROMETHEUS: Json = {"type": "prometheus", "uid": "${datasource}"}
LOKI: Json = {"type": "loki", "uid": "loki"}
NOT_SCRAPED = "Not scraped"  # shown by an empty panel that has no text of its own


class Query(NamedTuple):
    """A query and the legend of its series. `exemplars` adds links to traces."""

    expr: str
    legend: str
    exemplars: bool = False


Series = Query | str  # a query without a legend has the title of its panel


class Step(NamedTuple):
    """The color from `value` on. The first step of a list has no value."""

    value: float | None
    color: str


class Row(NamedTuple):
    """A line with a title, and the panels below it."""

    title: str
    panels: Sequence[Json]
    collapsed: bool = False


class Link(NamedTuple):
    """A board. `variables` maps its variables to labels: each series, or row of a table, opens the
    board for itself alone."""

    board: str
    variables: Mapping[str, str]


class Options(TypedDict, total=False):
    """The options of every kind of panel.

    `alert` names alerts: their thresholds are drawn, and the description says when they fire.
    `steps` are thresholds without an alert. `empty` is shown in place of "No data".
    `see` is the board with more detail.
    """

    unit: str
    alert: str | Sequence[str]
    steps: Sequence[Step]
    empty: str
    see: str | Link
