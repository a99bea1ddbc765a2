"""Reads from a running Prometheus, and from the metrics endpoint of a process."""

from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from stack.processes import Process

TIMEOUT = 10


def instant_query(url: str, expression: str) -> list[dict[str, Any]]:
    """The series of a PromQL expression.

    Raises httpx.HTTPError, and ValueError with the reason if Prometheus rejects the expression.
    """
    response = httpx.get(f"{url}/api/v1/query", params={"query": expression}, timeout=TIMEOUT)
    answer = response.json()
    if answer.get("status") != "success":
        raise ValueError(answer.get("error"))
    series: list[dict[str, Any]] = answer["data"]["result"]
    return series


def samples(process: Process, path: str = "/metrics") -> dict[tuple[str, str], float]:
    """The exposed samples by name and label values, in the order of the label names."""
    text = httpx.get(process.url + path, timeout=TIMEOUT).text
    return {
        (
            sample.name,
            " ".join(sample.labels[label] for label in sorted(sample.labels)),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
