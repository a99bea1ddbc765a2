"""A Prometheus to evaluate the guide's queries."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

import httpx

from demo.api import DemoError
from demo.guide.queries import querying
from demo.metrics import prometheus_url
from stack.processes import Stack
from stack.waiting import wait_until

TRAFFIC_SECONDS = 5  # a rate needs two scrapes
START_TIMEOUT = 30


@contextmanager
def prometheus(base_url: str) -> Iterator[str]:
    """The URL of a Prometheus that scrapes the application.

    It is the one at PROMETHEUS_URL if that responds, else a temporary one. Raises DemoError.
    """
    url = prometheus_url()
    if _is_ready(url):
        yield url
        return
    if which("prometheus") is None:
        raise DemoError(f"Prometheus does not respond at {url} and is not installed here.")
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), {}) as stack:
        url = stack.prometheus({"web": [urlsplit(base_url).netloc]}).url
        if not wait_until(lambda: _has_scraped(url), START_TIMEOUT):
            raise DemoError(f"The Prometheus at {url} has scraped nothing in {START_TIMEOUT} s.")
        _send_requests(base_url)
        yield url


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _has_scraped(url: str) -> bool:
    """Prometheus finds its targets some seconds after it is ready."""
    return _is_ready(url) and bool(querying(url)("up == 1"))


def _send_requests(base_url: str) -> None:
    """Traffic that the guide's rates can show."""
    deadline = time.monotonic() + TRAFFIC_SECONDS
    while time.monotonic() < deadline:
        httpx.get(f"{base_url}/api/tournaments/", timeout=5)
        time.sleep(0.1)
