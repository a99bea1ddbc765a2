"""MONITORING.md's "Testing Monitoring Setup" against a running deployment, from outside.

Each step is a function that returns what it saw, or raises Failed with what is wrong.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sentry_sdk

from apps.core import sentry
from apps.core.checks import fetch, metrics_parser
from apps.core.checks.metrics_parser import BY_METHOD, GUIDES_NAMES, QUERIES, Samples
from apps.core.conf import conf

SECONDS = 10
IN_ALL = 60.0
REQUESTS, THREADS = 100, 10
SEEN_WITHIN = 20.0


class Failed(Exception):
    """The step found something wrong; the text is for the person at the terminal."""


class Skipped(Exception):
    """The step could not be taken; the text says why."""


@dataclass
class Deployment:
    """A web process or what stands before several. No request takes longer than `seconds`, and none
    is made `IN_ALL` seconds after the first."""

    url: str
    token: str = ""
    load_path: str = "/api/tournaments/"
    metrics_path: str = field(default_factory=lambda: conf.PROMETHEUS_METRICS_PATH)
    seconds: float = field(default_factory=lambda: SECONDS)
    _until: float = field(default_factory=lambda: time.monotonic() + IN_ALL)

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
        client.transport.on_dropped_event = why_lost.append  # type: ignore[union-attr]  # with a DSN
        event = sentry_sdk.capture_message("Test message from DeltaCrown", level="info")
        client.flush(timeout=self.seconds, callback=lambda *_: why_lost.append("time is up"))
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
        file = Path(conf.BASE_DIR, ".env")
        if started is None or not file.exists():
            raise Skipped("There is no .env here to compare with.")
        if file.stat().st_mtime > started:
            raise Failed(".env was changed after the process began: restart it.")
        return "it began after .env was changed"

    def lives(self) -> str:
        answer = self._get("/healthz")
        told = _json(answer.body, "/healthz")
        if (answer.status, told) != (200, {"status": "healthy"}):
            raise Failed(f"{answer.status} {answer.body[:200]}")
        return "healthy"

    def is_ready(self) -> str:
        answer = self._get("/readiness")
        told = _json(answer.body, "/readiness")
        if answer.status != 200 or told.get("status") != "ready":
            raise Failed(f"{answer.status} {told.get('error') or answer.body[:200]}")
        parts = {key: told[key] for key in ("database", "redis", "channel_layer") if key in told}
        return ", ".join(f"{name} {state}" for name, state in parts.items())

    def load_is_seen(self) -> str:
        """Ours is the least by which the counters rise. Behind a balancer each scrape may meet
        another process, so that they may seem to stand still, or fall."""
        before = self._samples()
        with ThreadPoolExecutor(THREADS) as pool:
            answers = pool.map(lambda _: self._get(self.load_path), range(REQUESTS))
            statuses = {answer.status for answer in answers}
        if statuses != {200}:
            raise Failed(f"{self.load_path} answered {sorted(statuses)}")
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
        answer = self._get(self.metrics_path, token=self.token)
        if answer.status != 200:
            fault = metrics_parser.fault(answer.status, token=bool(self.token))
            raise Failed(f"{self.metrics_path} {fault}")
        try:
            return metrics_parser.samples(answer.body)
        except ValueError:
            raise Failed(f"{self.metrics_path} answers something else than metrics.") from None

    def _get(self, path: str, *, token: str = "") -> fetch.Answer:
        """Raises Failed where there is no answer, or one that sends us elsewhere."""
        seconds = min(self.seconds, self._until - time.monotonic())
        if seconds <= 0:
            raise Failed(f"{self.url}{path}: not asked, {IN_ALL:g} s are over")
        try:
            answer = fetch.get(self.url + path, seconds=seconds, token=token)
        except fetch.NoAnswer as why:
            raise Failed(f"{self.url}{path}: {why}") from None
        if answer.location:
            address = answer.location.removesuffix(path)
            raise Failed(f"{path} answers {answer.status} to {address}: give that address")
        return answer


def _json(body: str, path: str) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Failed(f"{path} answers no JSON object: {body[:80]!r}. Is this DeltaCrown?")
    return told
