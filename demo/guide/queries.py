"""The guide's PromQL, asked of a Prometheus."""

import math
from collections.abc import Callable
from typing import Any

import httpx

from demo.api import Problem
from demo.guide.running import Outcome

Ask = Callable[[str], list[Any]]


def query(ask: Ask, expression: str) -> Outcome:
    """A dashboard's has data. An alert's has something to compare with its threshold; whether it
    fires is the deployment's business, and either is the expression at work."""
    value, is_alert, _ = expression.partition(" > ")
    rows = ask(value)
    if not rows:
        raise Problem(f"{value} returns no data")
    if not is_alert:
        return Outcome(f"{len(rows)} series")
    if firing := _numbers(ask(expression)):
        return Outcome(f"fires: {max(firing):.3g}")
    numbers = _numbers(rows)
    return Outcome(f"silent: {max(numbers):.3g} at most" if numbers else "silent: no traffic")


def _numbers(rows: list[Any]) -> list[float]:
    values = [float(row["value"][1]) for row in rows]
    return [value for value in values if not math.isnan(value)]


def asked(url: str) -> Ask:
    """Asks the Prometheus there."""

    def ask(expression: str) -> list[Any]:
        try:
            answer = httpx.get(f"{url}/api/v1/query", params={"query": expression}, timeout=10)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as fault:
            raise Problem(f"Prometheus at {url}: {fault}") from None
        if told["status"] != "success":
            raise Problem(str(told["error"]))
        rows: list[Any] = told["data"]["result"]
        return rows

    return ask
