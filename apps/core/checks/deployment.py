"""MONITORING.md's "Testing Monitoring Setup" against a running deployment, from outside.

Each step is a function that returns what it saw, or raises Failed with what is wrong.
"""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import sentry_sdk
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from apps.core import sentry

SECONDS = 10
REQUESTS, THREADS = 100, 10
SEEN_WITHIN = 20.0
BY_METHOD = "django_http_requests_total_by_method"
QUERIES = "django_db_query_total"
GUIDES_NAMES = (
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
Samples = dict[str, float]


class Failed(Exception):
    """The step found something wrong; the text is for the person at the terminal."""


class Skipped(Exception):
    """The step could not be taken; the text says why."""


@dataclass
class Deployment:
    """A web process or what stands before several. `ready` is what /readiness should say of each
    of its parts."""

    url: str
    token: str = ""
    load_path: str = "/api/tournaments/"
    metrics_path: str = field(default_factory=lambda: settings.PROMETHEUS_METRICS_PATH)

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "Sentry takes an event", self.send_to_sentry
        yield "The metrics are there", self.metrics_are_there
        yield "The process runs what is configured", self.is_up_to_date
        yield "/healthz", self.lives
        yield "/readiness", self.is_ready
        yield f"{REQUESTS} requests show in the counters", self.load_is_seen

    def send_to_sentry(self) -> str:
        if not sentry.enabled():
            raise Skipped("SENTRY_DSN is not set here.")
        client = sentry_sdk.get_client()
        why_lost: list[str] = []
        client.transport.on_dropped_event = why_lost.append  # type: ignore[union-attr]
        event = sentry_sdk.capture_message("Test message from DeltaCrown", level="info")
        client.flush(timeout=SECONDS, callback=lambda *_: why_lost.append("time is up"))
        if event is None or why_lost:
            why = ", ".join(dict.fromkeys(why_lost)) or "dropped"
            raise Failed(f"The event was not taken: {why}.")
        return f"event {event}"

    def metrics_are_there(self) -> str:
        self._get(self.load_path)  # some have no series before the first request
        samples = self._samples()
        missing = [name for name in GUIDES_NAMES if name not in samples]
        if missing:
            raise Failed(f"Missing: {', '.join(missing)}")
        return f"{len(GUIDES_NAMES)} names of the guide among {len(samples)}"

    def is_up_to_date(self) -> str:
        """Known only where the process shares a clock and a folder with us."""
        started = self._samples().get("process_start_time_seconds")
        file = Path(settings.BASE_DIR, ".env")
        if started is None or not file.exists():
            raise Skipped("There is no .env here to compare with.")
        if file.stat().st_mtime > started:
            raise Failed(".env was changed after the process began: restart it.")
        return "it began after .env was changed"

    def lives(self) -> str:
        status, body = self._get("/healthz")
        told = _json(body, "/healthz")
        if (status, told) != (200, {"status": "healthy"}):
            raise Failed(f"{status} {body[:200]}")
        return "healthy"

    def is_ready(self) -> str:
        status, body = self._get("/readiness")
        told = _json(body, "/readiness")
        if status != 200 or told.get("status") != "ready":
            raise Failed(f"{status} {told.get('error') or body[:200]}")
        parts = {key: told[key] for key in ("database", "redis", "channel_layer") if key in told}
        return ", ".join(f"{name} {state}" for name, state in parts.items())

    def load_is_seen(self) -> str:
        """Ours is the least by which the counters rise. Behind a balancer each scrape may meet
        another process, so that they may seem to stand still, or fall."""
        before = self._samples()
        with ThreadPoolExecutor(THREADS) as pool:
            statuses = list(pool.map(lambda _: self._get(self.load_path)[0], range(REQUESTS)))
        if set(statuses) != {200}:
            raise Failed(f"{self.load_path} answered {sorted(set(statuses))}")
        deadline = time.monotonic() + SEEN_WITHIN
        while True:
            after = self._samples()
            seen = after.get(BY_METHOD, 0) - before.get(BY_METHOD, 0)
            if seen >= REQUESTS:
                queries = after.get(QUERIES, 0) - before.get(QUERIES, 0)
                return f"{BY_METHOD} +{seen:.0f}, {QUERIES} +{queries:.0f}"
            if time.monotonic() > deadline:
                raise Failed(
                    f"{BY_METHOD} rose by {seen:.0f} only. Are there several processes behind"
                    f" {self.url}? Then check each by its own address."
                )
            time.sleep(1)

    def _samples(self) -> Samples:
        """The sum over all labels of each name on the page."""
        status, body = self._get(self.metrics_path)
        if status == 401:
            raise Failed(f"{self.metrics_path} wants its token: give --token or METRICS_TOKEN.")
        if status != 200:
            raise Failed(f"{self.metrics_path} answered {status}.")
        totals: Samples = {}
        try:
            for family in text_string_to_metric_families(body):
                for sample in family.samples:
                    totals[sample.name] = totals.get(sample.name, 0) + sample.value
        except ValueError:
            raise Failed(f"{self.metrics_path} answers something else than metrics.") from None
        return totals

    def _get(self, path: str) -> tuple[int, str]:
        """Raises Failed where there is no answer."""
        request = urllib.request.Request(self.url.rstrip("/") + path)  # noqa: S310 checked by the command
        if self.token and path == self.metrics_path:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 likewise
                return int(answer.status), answer.read().decode(errors="replace")
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode(errors="replace")
        except (OSError, HTTPException) as fault:
            raise Failed(f"{self.url}{path}: {_reason(fault)}") from None


def _json(body: str, path: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Failed(f"{path} answers no JSON object: {body[:80]!r}. Is this DeltaCrown?")
    return told


def _reason(fault: BaseException) -> str:
    inner = getattr(fault, "reason", fault)
    if isinstance(inner, TimeoutError):
        return f"no answer within {SECONDS} s"
    if isinstance(inner, ssl.SSLError):
        return f"TLS: {inner.reason}"
    return str(getattr(inner, "strerror", None) or inner or type(inner).__name__)
