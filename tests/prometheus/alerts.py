"""The rules in `prometheus/rules/`."""

import re
from functools import cache
from typing import Any

import yaml

from tests.programs import ROOT

RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
UNITS = {"s": 1, "m": 60, "h": 3600}
Json = dict[str, Any]


@cache
def rules() -> list[Json]:
    """All alerting and recording rules."""
    files = [yaml.safe_load(path.read_text()) for path in RULES]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts(severity: str = "") -> list[Json]:
    """The alerting rules of the severity, or all. Several may share a name."""
    found = [rule for rule in rules() if "alert" in rule]
    return [rule for rule in found if severity in ("", rule["labels"]["severity"])]


def seconds(duration: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smh])", duration))
