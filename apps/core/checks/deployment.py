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
from prometheus_client.parser import text_string_to_metric_families

from apps.core.checks import Failed, Unknown, fetch
from apps.core.conf import conf

REQUEST_TIMEOUT = 10.0  # seconds
TOTAL_TIMEOUT = 60.0
REQUESTS, THREADS = 100, 10
BY_METHOD = "django_http_requests_total_by_method"
QUERIES = "django_db_query_total"
# Sample names: of a histogram, one of its series. CHECK_METRICS has those of the project.
KIT_NAMES = (
    BY_METHOD,
    "django_http_requests_latency_seconds_bucket",
    "django_http_requests_total_by_view_transport_method",
    "django_http_requests_body_total_bytes_bucket",
    QUERIES,
    "django_db_execute_total",
    "django_db_errors_total",
    "ws_connections_active",
    "ws_connections_total",
    "ws_connection_failures_total",
    "ws_messages_received_total",
    "ws_messages_sent_total",
    "ws_message_latency_seconds_bucket",
)
REMEDIES = {
    401: "Pass the token with --token, or set METRICS_TOKEN.",
    404: "Check ENABLE_PROMETHEUS and PROMETHEUS_METRICS_PATH there.",
}


@dataclass
class Deployment:
    """A web process, or a load balancer before several."""

    url: str
    token: str = ""
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
        self._get(conf.CHECK_LOAD_PATH)  # some series exist after the first request only
        samples, names = self._samples(), (*KIT_NAMES, *conf.CHECK_METRICS)
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
        response, report = self._get_json("/healthz")
        if (response.status, report) != (200, {"status": "healthy"}):
            raise Failed(f"{response.status} {response.body[:200]}")
        return "healthy"

    def check_readiness(self) -> str:
        response, report = self._get_json("/readiness")
        if response.status != 200 or report.get("status") != "ready":
            raise Failed(f"{response.status} {report.get('error') or response.body[:200]}")
        states = {key: report[key] for key in report if key not in ("status", "timestamp")}
        return ", ".join(f"{name} {state}" for name, state in states.items())

    def check_counters(self) -> str:
        """Other clients may raise the counters further."""
        path, before = conf.CHECK_LOAD_PATH, self._samples()
        with ThreadPoolExecutor(THREADS) as pool:
            responses = pool.map(lambda _: self._get(path), range(REQUESTS))
            statuses = {response.status for response in responses}
        if statuses != {200}:
            raise Failed(f"{path} responds with {sorted(statuses)}")
        after = self._samples()
        counted, queries = (after.get(k, 0) - before.get(k, 0) for k in (BY_METHOD, QUERIES))
        if counted < REQUESTS:
            raise Failed(
                f"{BY_METHOD} rose by {counted:.0f} only. If {self.url} has several processes,"
                " check each by its own address."
            )
        return f"{BY_METHOD} +{counted:.0f}, {QUERIES} +{queries:.0f}"

    def _samples(self) -> dict[str, float]:
        """The sum over all labels of each name."""
        path = conf.PROMETHEUS_METRICS_PATH
        response = self._get(path, token=self.token)
        if response.status != 200:
            remedy = REMEDIES.get(response.status, "")
            raise Failed(f"{path} responds with {response.status}. {remedy}")
        totals: dict[str, float] = {}
        try:
            for family in text_string_to_metric_families(response.body):
                for sample in family.samples:
                    totals[sample.name] = totals.get(sample.name, 0) + sample.value
        except ValueError:
            raise Failed(f"{path} is not a metrics page.") from None
        return totals

    def _get_json(self, path: str) -> tuple[fetch.Response, dict[str, Any]]:
        response = self._get(path)
        try:
            report = json.loads(response.body)
        except ValueError:
            report = None
        if not isinstance(report, dict):
            raise Failed(f"{path} is not JSON: {response.body[:80]!r}. Is this the right server?")
        return response, report

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
