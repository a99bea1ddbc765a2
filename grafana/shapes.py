"""The types that the modules of this package share."""

from typing import Any, NamedTuple

Json = dict[str, Any]

PROMETHEUS: Json = {"type": "prometheus", "uid": "prometheus"}
LOKI: Json = {"type": "loki", "uid": "loki"}


class Query(NamedTuple):
    """A query and the legend of its series. `exemplars` adds links to traces."""

    expr: str
    legend: str
    exemplars: bool = False


class Step(NamedTuple):
    """The color from `value` on. The first step of a list has no value."""

    value: float | None
    color: str
