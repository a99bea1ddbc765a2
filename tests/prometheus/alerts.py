"""The alerts in `prometheus/rules/`."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
UNITS = {"s": 1, "m": 60, "h": 3600}
Json = dict[str, Any]


@dataclass(frozen=True)
class Alert:
    """One alerting rule. Several rules may share a name."""

    name: str
    rule: Json

    @property
    def severity(self) -> str:
        return str(self.rule["labels"]["severity"])

    def __str__(self) -> str:
        return "-".join([self.name, *filter(None, [self.rule["labels"].get("window")])])


@cache
def rules() -> list[Json]:
    """All alerting and recording rules."""
    files = [yaml.safe_load(path.read_text()) for path in RULES]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts() -> list[Alert]:
    return [Alert(rule["alert"], rule) for rule in rules() if "alert" in rule]


def seconds(duration: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smh])", duration))


def names() -> list[str]:
    return sorted({alert.name for alert in alerts()})


def severities() -> dict[str, str]:
    return {alert.name: alert.severity for alert in alerts()}
