"""A real Alertmanager with the committed configuration, thirty times as quick."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from prometheus_client.parser import text_string_to_metric_families

from drills.alertmanager import alertmanager_config
from drills.receiver import Receiver
from stack.processes import Stack
from tests.prometheus.alerts import Json, alerts

INTERVAL = 2.0  # a minute of the committed group_interval
SOON = 60.0  # seconds; on a busy machine
FAILED = "alertmanager_notifications_failed_total"
LASTS = timedelta(minutes=10)
RULES = {alert.name: alert.rule for alert in alerts()}


def labels_of(name: str, **more: str) -> dict[str, str]:
    """What Prometheus would send: the rule's own labels, and the given ones of its series."""
    return {"alertname": name, **RULES[name]["labels"], **more}


class Alertmanager:
    """Plays Prometheus to it: `fire` and `resolve`."""

    def __init__(self, receiver: Receiver, folder: Path) -> None:
        config = alertmanager_config(receiver, folder)
        self._process = Stack(folder, {}).alertmanager(config, "--log.level=debug")
        self._http = httpx.Client(base_url=self._process.url, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._http.close()
        self._process.stop()

    def fire(self, *labels: dict[str, str], **annotations: str) -> None:
        self._send(labels, annotations, LASTS)

    def resolve(self, *labels: dict[str, str], **annotations: str) -> None:
        self._send(labels, annotations, timedelta())

    def muted(self, labels: dict[str, str]) -> bool:
        """Whether another alert that fires keeps it from being told."""
        found = [one for one in self._get("/api/v2/alerts") if one["labels"] == labels]
        assert len(found) == 1, labels
        return bool(found[0]["status"]["inhibitedBy"])

    def status(self) -> str:
        """All that it shows of its configuration and itself."""
        return self._http.get("/api/v2/status").raise_for_status().text

    def metrics(self) -> str:
        return self._http.get("/metrics").raise_for_status().text

    def failed(self, integration: str) -> float:
        """How many messages it could not deliver that way."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.metrics())
            for sample in family.samples
            if sample.name == FAILED and sample.labels["integration"] == integration
        )

    def log(self) -> str:
        return "\n".join(self._process.lines())

    def _send(
        self, alerts: tuple[dict[str, str], ...], given: dict[str, str], lasts: timedelta
    ) -> None:
        now = datetime.now(UTC)
        body = [
            {
                "labels": labels,
                "annotations": RULES.get(labels["alertname"], {}).get("annotations", {}) | given,
                "startsAt": now.isoformat(),
                "endsAt": (now + lasts).isoformat(),
            }
            for labels in alerts
        ]
        self._http.post("/api/v2/alerts", json=body).raise_for_status()

    def _get(self, path: str) -> list[Json]:
        found: Any = self._http.get(path).raise_for_status().json()
        return list(found)


def wait_for_count(receiver: Receiver, alert: str, count: int, seconds: float) -> float:
    """How many seconds it took until so many messages about the alert had come."""
    began = time.monotonic()
    while len(receiver.of(alert)) < count:
        assert time.monotonic() - began < seconds, (receiver.notifications, receiver.refused)
        time.sleep(0.05)
    return time.monotonic() - began
