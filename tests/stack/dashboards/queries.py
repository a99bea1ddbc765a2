"""Queries a Prometheus and waits for data that is not scraped yet."""

import math
import time
from typing import Any

import httpx
import pytest

from stack.processes import Process
from stack.prometheus import instant_query
from stack.waiting import eventually

TIMEOUT = 100.0  # beat sends its first tasks after a minute
_first_queried: dict[int, float] = {}


def series_of(prometheus: Process, expression: str) -> list[dict[str, str]]:
    """Waits for data and returns the labels of the series with a value."""
    since = _first_queried.setdefault(prometheus.popen.pid, time.monotonic())
    series: list[dict[str, str]] = []

    def has_data() -> None:
        rows = instant_query(prometheus.url, expression)
        series[:] = [row["metric"] for row in rows if not math.isnan(float(row["value"][1]))]
        assert series, f"no data: {expression}"

    eventually(has_data, seconds=max(1.0, since + TIMEOUT - time.monotonic()))
    return series


def api(prometheus: Process, path: str, **parameters: Any) -> Any:
    response = httpx.get(f"{prometheus.url}/api/v1/{path}", params=parameters, timeout=180).json()
    if response["status"] != "success":
        pytest.fail(str(response))
    return response["data"]
