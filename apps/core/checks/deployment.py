"""Checks the monitoring of a running deployment from outside: MONITORING.md's "Testing Monitoring
Setup".

Each step returns a description of the result, or raises Failed or Unknown.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sentry_sdk

from apps.core.checks import fetch, metrics_parser
from apps.core.checks.metrics_parser import BY_METHOD, QUERIES, Samples
from apps.core.checks.outcome import Failed, Unknown
from apps.core.conf import conf

REQUEST_TIMEOUT = 10.0  # seconds
TOTAL_TIMEOUT = 60.0
REQUESTS, THREADS = 100, 10
SCRAPE_TIMEOUT = 20.0


@dataclass
class Deployment:
    """A web process, or a load balancer before several."""

    url: str
    token: str = ""
    load_path: str = field(default_factory=lambda: conf.CHECK_LOAD_PATH)
    metrics_path: str = field(default_factory=lambda: conf.PROMETHEUS_METRICS_PATH)
    timeout: float = REQUEST_TIMEOUT
    deadline: float = field(default_factory=lambda: time.monotonic() + TOTAL_TIMEOUT)

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "Sentry accepts an event", self.send_to_sentry
        yield "Metrics are exposed", self.check_metrics
        yield "The configuration is loaded", self.check_configuration
        yield "/healthz", self.check_liveness
        yield "/readiness", self.check_readiness
        yield f"{REQUESTS} requests are counted", self.check_counters

    def send_to_sentry(self) -> str:
        client = sentry_sdk.get_client()
        if not client.is_active():
            raise Unknown("SENTRY_DSN is not set here.")
        losses: list[str] = []
        client.transport.on_dropped_event = losses.append  # type: ignore[union-attr]  # with a DSN
        event = sentry_sdk.capture_message("Test message from check_monitoring", level="info")
        started = time.monotonic()
        client.flush(timeout=self.timeout)
        if time.monotonic() - started >= self.timeout:
            losses.append("timeout")
        if event is None or losses:
            reasons = ", ".join(dict.fromkeys(losses)) or "dropped"
            raise Failed(f"Sentry did not accept the event: {reasons}.")
        return f"event {event}"

    def check_metrics(self) -> str:
        self._get(self.load_path)  # some series exist after the first request only
        samples, names = self._samples(), metrics_parser.expected_names()
        if missing := [name for name in names if name not in samples]:
            raise Failed(f"Missing: {', '.join(missing)}")
        return f"all {len(names)} expected names, {len(samples)} in total"

    def check_configuration(self) -> str:
        """Works only on the machine of the process: it compares the age of .env."""
        started = self._samples().get("process_start_time_seconds")
        file = Path(conf.BASE_DIR, ".env")
        if started is None or not file.exists():
            raise Unknown("There is no .env file here.")
        if file.stat().st_mtime > started:
            raise Failed(".env is newer than the process: restart it.")
        return "the process is newer than .env"

    def check_liveness(self) -> str:
        response = self._get("/healthz")
        report = _json(response.body, "/healthz")
        if (response.status, report) != (200, {"status": "healthy"}):
            raise Failed(f"{response.status} {response.body[:200]}")
        return "healthy"

    def check_readiness(self) -> str:
        response = self._get("/readiness")
        report = _json(response.body, "/readiness")
        if response.status != 200 or report.get("status") != "ready":
            raise Failed(f"{response.status} {report.get('error') or response.body[:200]}")
        states = {key: report[key] for key in report if key not in ("status", "timestamp")}
        return ", ".join(f"{name} {state}" for name, state in states.items())

    def check_counters(self) -> str:
        """Other clients may raise the counters further. Behind a load balancer each scrape may
        reach another process, whose counters may be lower."""
        before = self._samples()
        with ThreadPoolExecutor(THREADS) as pool:
            responses = pool.map(lambda _: self._get(self.load_path), range(REQUESTS))
            statuses = {response.status for response in responses}
        if statuses != {200}:
            raise Failed(f"{self.load_path} responds with {sorted(statuses)}")
        deadline = time.monotonic() + SCRAPE_TIMEOUT
        while (counted := self._increase(BY_METHOD, before)) < REQUESTS:
            if time.monotonic() > deadline:
                raise Failed(
                    f"{BY_METHOD} rose by {counted:.0f} only. If {self.url} has several processes,"
                    " check each by its own address."
                )
            time.sleep(1)
        queries = self._increase(QUERIES, before)
        return f"{BY_METHOD} +{counted:.0f}, {QUERIES} +{queries:.0f}"

    def _increase(self, name: str, before: Samples) -> float:
        return self._samples().get(name, 0) - before.get(name, 0)

    def _samples(self) -> Samples:
        response = self._get(self.metrics_path, token=self.token)
        if response.status != 200:
            hint = metrics_parser.explain_status(response.status, token=bool(self.token))
            raise Failed(f"{self.metrics_path} {hint}")
        try:
            return metrics_parser.samples(response.body)
        except ValueError:
            raise Failed(f"{self.metrics_path} is not a metrics page.") from None

    def _get(self, path: str, *, token: str = "") -> fetch.Response:
        """Raises Failed for no response, or a redirect."""
        timeout = min(self.timeout, self.deadline - time.monotonic())
        if timeout <= 0:
            raise Failed(f"{self.url}{path}: not requested, {TOTAL_TIMEOUT:g} s are over")
        response = fetch.get(self.url, path, timeout=timeout, token=token)
        if response.location:
            address = response.location.removesuffix(path)
            raise Failed(f"{path} redirects ({response.status}) to {address}: use that address")
        return response


def _json(body: str, path: str) -> dict[str, Any]:
    try:
        report = json.loads(body)
    except ValueError:
        report = None
    if not isinstance(report, dict):
        raise Failed(f"{path} is not JSON: {body[:80]!r}. Is this the right server?")
    return report
