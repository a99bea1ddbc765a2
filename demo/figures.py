"""What the server's own metrics say changed, beside what the demo did."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from demo.api import Problem

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True)
class Figure:
    """One series and by how much it should have risen; 'at least' where others may add to it."""

    name: str
    labels: dict[str, str]
    expected: float
    at_least: bool = False

    def __str__(self) -> str:
        labels = ", ".join(f'{key}="{value}"' for key, value in self.labels.items())
        return f"{self.name}{{{labels}}}" if labels else self.name

    def value(self, samples: Samples) -> float:
        return samples.get((self.name, frozenset(self.labels.items())), 0.0)

    def holds(self, actual: float) -> bool:
        return actual >= self.expected if self.at_least else actual == self.expected


def scrape(http: httpx.Client) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page(http))
        for sample in family.samples
    }


def page(http: httpx.Client) -> str:
    token = os.environ.get("METRICS_TOKEN")
    headers = {"Accept": "text/plain"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        response = http.get(os.environ.get("PROMETHEUS_METRICS_PATH", "/metrics/"), headers=headers)
    except httpx.HTTPError as fault:
        raise Problem(f"/metrics/: {type(fault).__name__}: {fault}") from None
    if response.status_code != 200:
        raise Problem(f"/metrics/ answers {response.status_code}: set METRICS_TOKEN if it has one.")
    return response.text


class WorkersCoins:
    """`coins_awarded_total` of the Celery workers, which only Prometheus reaches."""

    def __init__(self, url: str) -> None:
        self.url = url

    def value(self) -> float:
        try:
            found = httpx.get(
                f"{self.url}/api/v1/query", params={"query": "sum(coins_awarded_total)"}, timeout=10
            ).json()["data"]["result"]
        except (httpx.HTTPError, ValueError, KeyError) as fault:
            raise Problem(
                f"Prometheus does not answer at {self.url}, and the prize is counted in a worker"
                f" that only it scrapes: set PROMETHEUS_URL. ({type(fault).__name__})"
            ) from None
        return float(found[0]["value"][1]) if found else 0.0


def settle(read: Callable[[], float], wanted: float, seconds: float) -> float:
    """Reads until the value is there or the time is up: a scrape has its interval."""
    deadline = time.monotonic() + seconds
    while (value := read()) < wanted and time.monotonic() < deadline:
        time.sleep(0.5)
    return value
