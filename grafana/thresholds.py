"""The thresholds of the alerts in `prometheus/rules/`, and color steps without an alert.

A rule that shares its name with others is found by its `window` label: "JourneyBurnsFast/1h".
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from grafana.shapes import Json, Step

RULES = Path(__file__).parent.parent / "prometheus" / "rules"
COLORS = {"critical": "red", "warning": "orange"}
ALLOWED = 0.001  # the error ratio that the 99.9 % objective allows
BURN_RATE = "x"  # the unit of error ratios divided by ALLOWED
COUNT = "short"
COMPARISON = re.compile(r"([<>])\s*([\d.]+(?:\s*\*\s*\d[\d.]*)*)")

UP = [Step(None, "red"), Step(1, "green")]
RED_FROM_1 = [Step(None, "green"), Step(1, "red")]
ORANGE_FROM_1 = [Step(None, "green"), Step(1, "orange")]
USAGE = [Step(None, "green"), Step(0.8, "orange"), Step(0.95, "red")]
REMAINING = [Step(None, "red"), Step(0.25, "orange"), Step(0.5, "green")]


class Threshold(NamedTuple):
    """The alert fires above `value`, or below it."""

    value: float
    severity: str
    below: bool = False

    def steps(self, unit: str) -> list[Step]:
        """A color starts at its value, but an alert fires above it: a count turns red one later."""
        color, value = COLORS[self.severity], self._in(unit)
        if self.below:
            return [Step(None, color), Step(value, "green")]
        return [Step(None, "green"), Step(value + (unit == COUNT), color)]

    def sentence(self, alert: str, unit: str) -> str:
        name, side = alert.partition("/")[0], "below" if self.below else "above"
        return f"{name} ({self.severity}) fires {side} {formatted(self._in(unit), unit)}."

    def _in(self, unit: str) -> float:
        return round(self.value / ALLOWED, 3) if unit == BURN_RATE else self.value


@cache
def thresholds() -> dict[str, Threshold]:
    return {
        key(rule): Threshold(value, rule["labels"]["severity"], sign == "<")
        for rule in alerts()
        for sign, value in comparisons(rule["expr"])[:1]
    }


def alerts() -> Iterator[Json]:
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def key(rule: Json) -> str:
    window = rule["labels"].get("window")
    return f"{rule['alert']}/{window}" if window else str(rule["alert"])


def comparisons(expression: str) -> list[tuple[str, float]]:
    """Comparisons with a number: `< 14 * 86400` is ("<", 1209600)."""
    unquoted = re.sub(r'"[^"]*"', "", expression)
    return [
        (sign, math.prod(float(factor) for factor in product.split("*")))
        for sign, product in COMPARISON.findall(unquoted)
    ]


def formatted(value: float, unit: str) -> str:
    match unit:
        case "percentunit":
            return f"{value:.0%}"
        case "reqps" | "ops":
            return f"{value:,g}/s"
        case "s":
            return _duration(value)
    return f"{value:,g}"


def _duration(seconds: float) -> str:
    for name, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:g} {name}"
    return f"{seconds:g} s"
