"""The guide's PromQL, evaluated by a Prometheus."""

import math
from collections.abc import Callable
from typing import Any

import httpx

from demo.api import DemoError
from demo.guide.commands import Outcome
from stack.prometheus import instant_query

Query = Callable[[str], list[Any]]


def check_expression(query: Query, expression: str) -> Outcome:
    """A panel's expression must return data. An alert's must return a value to compare with its
    threshold: firing and silent are both correct."""
    value, is_alert, _ = expression.partition(" > ")
    series = query(value)
    if not series:
        raise DemoError(f"{value} returns no data")
    if not is_alert:
        return Outcome(f"{len(series)} series")
    if firing := _numbers(query(expression)):
        return Outcome(f"firing: {max(firing):.3g}")
    numbers = _numbers(series)
    return Outcome(f"silent: at most {max(numbers):.3g}" if numbers else "silent: no traffic")


def _numbers(series: list[Any]) -> list[float]:
    values = [float(item["value"][1]) for item in series]
    return [value for value in values if not math.isnan(value)]


def querying(url: str) -> Query:
    """A function that queries the Prometheus at the URL and raises DemoError."""

    def query(expression: str) -> list[Any]:
        try:
            return instant_query(url, expression)
        except (httpx.HTTPError, ValueError) as error:
            raise DemoError(f"Prometheus at {url}: {error}") from None

    return query
