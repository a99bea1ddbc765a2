"""A real Alertmanager with the committed configuration and waits thirty times shorter."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from drills.alertmanager import alertmanager_config
from drills.receiver import Receiver
from stack.processes import Stack
from stack.waiting import wait_until
from tests.prometheus.alerts import Json, alerts

INTERVAL = 2.0  # group_interval: one minute in the committed file
SOON = 60.0  # seconds; on a busy machine
FAILED = "alertmanager_notifications_failed_total"
FIRING_FOR = timedelta(minutes=10)
RULES = {alert["alert"]: alert for alert in alerts()}


def labels_of(name: str, **more: str) -> dict[str, str]:
    """The labels that Prometheus would send: those of the rule, and `more` from the series."""
    return {"alertname": name, **RULES[name]["labels"], **more}


class Alertmanager:
    """Receives alerts as from Prometheus, by `fire` and `resolve`."""

    def __init__(self, receiver: Receiver, folder: Path) -> None:
        config = alertmanager_config(receiver, folder)
        self._process = Stack(folder, {}).alertmanager(config, "--log.level=debug")
        self._http = httpx.Client(base_url=self._process.url, timeout=180)

    def close(self) -> None:
        self._http.close()
        self._process.stop()

    def fire(self, *labels: dict[str, str], **annotations: str) -> None:
        self._send(labels, annotations, FIRING_FOR)

    def resolve(self, *labels: dict[str, str], **annotations: str) -> None:
        self._send(labels, annotations, timedelta())

    def inhibited(self, labels: dict[str, str]) -> bool:
        alerts: list[Json] = self._http.get("/api/v2/alerts").raise_for_status().json()
        [alert] = [alert for alert in alerts if alert["labels"] == labels]
        return bool(alert["status"]["inhibitedBy"])

    def status(self) -> str:
        """The status page, which contains the configuration."""
        return self._http.get("/api/v2/status").raise_for_status().text

    def metrics(self) -> str:
        return self._http.get("/metrics").raise_for_status().text

    def failed(self, integration: str) -> float:
        """The number of notifications that this integration failed to deliver."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.metrics())
            for sample in family.samples
            if sample.name == FAILED and sample.labels["integration"] == integration
        )

    def log(self) -> str:
        return "\n".join(self._process.lines())

    def _send(
        self, alerts: tuple[dict[str, str], ...], annotations: dict[str, str], ends_in: timedelta
    ) -> None:
        now = datetime.now(UTC)
        body = [
            {
                "labels": labels,
                "annotations": RULES.get(labels["alertname"], {}).get("annotations", {})
                | annotations,
                "startsAt": now.isoformat(),
                "endsAt": (now + ends_in).isoformat(),
            }
            for labels in alerts
        ]
        self._http.post("/api/v2/alerts", json=body).raise_for_status()


def wait_for_count(receiver: Receiver, alert: str, count: int) -> None:
    """Waits until the receiver had this many notifications of the alert."""
    assert wait_until(lambda: len(receiver.received(alert)) >= count, SOON), receiver.notifications
