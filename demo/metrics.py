"""The server's metrics, and by how much the demo must have increased them."""

import os
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from demo.api import DemoError
from stack.prometheus import instant_query

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True)
class Increase:
    """The expected increase of a series."""

    name: str
    labels: dict[str, str]
    expected: float

    def __str__(self) -> str:
        labels = ", ".join(f'{key}="{value}"' for key, value in self.labels.items())
        return f"{self.name}{{{labels}}}" if labels else self.name

    @property
    def at_least(self) -> bool:
        """Other clients may add to a series without a tournament."""
        return "tournament_id" not in self.labels

    def value(self, samples: Samples) -> float:
        return samples.get((self.name, frozenset(self.labels.items())), 0.0)

    def matches(self, actual: float) -> bool:
        return actual >= self.expected if self.at_least else actual == self.expected


def scrape(http: httpx.Client) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition(http))
        for sample in family.samples
    }


def exposition(http: httpx.Client) -> str:
    """The text of the metrics endpoint. Raises DemoError."""
    token = os.environ.get("METRICS_TOKEN")
    headers = {"Accept": "text/plain"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        response = http.get(os.environ.get("PROMETHEUS_METRICS_PATH", "/metrics/"), headers=headers)
    except httpx.HTTPError as error:
        raise DemoError(f"/metrics/: {type(error).__name__}: {error}") from None
    if response.status_code != 200:
        raise DemoError(
            f"/metrics/ responds with {response.status_code}. Does it need METRICS_TOKEN?"
        )
    return response.text


def coins_awarded_by_workers() -> float:
    """`coins_awarded_total` of the Celery workers, which only Prometheus scrapes.

    Raises DemoError if Prometheus does not respond.
    """
    url = prometheus_url()
    try:
        series = instant_query(url, "sum(coins_awarded_total)")
    except (httpx.HTTPError, ValueError) as error:
        raise DemoError(
            f"Prometheus does not respond at {url}. It scrapes the worker that counts the prize:"
            f" set PROMETHEUS_URL. ({type(error).__name__})"
        ) from None
    return float(series[0]["value"][1]) if series else 0.0


def prometheus_url() -> str:
    return os.environ.get("PROMETHEUS_URL", "http://127.0.0.1:9090").rstrip("/")
