"""Asks a Prometheus that has been scraping for a while: what is not there yet may still come."""

import math
import time
from typing import Any

import httpx
import pytest

from stack.processes import Process
from stack.prometheus import instant_query
from stack.waiting import eventually

PATIENCE = 100.0  # beat sends its first tasks after a minute
_first_asked: dict[int, float] = {}


def answers(prometheus: Process, expression: str) -> list[dict[str, str]]:
    """The labels of the series that have a number, waited for."""
    since = _first_asked.setdefault(prometheus.popen.pid, time.monotonic())
    found: list[dict[str, str]] = []

    def answered() -> None:
        found[:] = [row["metric"] for row in rows(prometheus, expression) if _is_a_number(row)]
        assert found, f"no data: {expression}"

    eventually(answered, seconds=max(1.0, since + PATIENCE - time.monotonic()))
    return found


def rows(prometheus: Process, expression: str) -> list[dict[str, Any]]:
    """Fails with Prometheus' own words where the expression does not parse."""
    return instant_query(prometheus.url, expression)


def ask(prometheus: Process, path: str, **parameters: Any) -> Any:
    answer = httpx.get(f"{prometheus.url}/api/v1/{path}", params=parameters, timeout=10).json()
    if answer["status"] != "success":
        pytest.fail(str(answer))
    return answer["data"]


def _is_a_number(row: dict[str, Any]) -> bool:
    return not math.isnan(float(row["value"][1]))
