"""What the modules of this package hand each other."""

from typing import Any, NamedTuple

Json = dict[str, Any]

PROMETHEUS: Json = {"type": "prometheus", "uid": "prometheus"}
LOKI: Json = {"type": "loki", "uid": "loki"}


class Query(NamedTuple):
    """A query and what its series are called. `exemplars` asks for the traces behind a latency."""

    expr: str
    legend: str
    exemplars: bool = False


class Step(NamedTuple):
    """From `value` on, the colour. The first step of a list has no value."""

    value: float | None
    color: str
