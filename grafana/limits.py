"""The values at which the alerts of `prometheus/rules/` fire, for the lines in the panels.

A test holds each against its rule.
"""

from typing import NamedTuple

from grafana.shapes import Step

COLORS = {"critical": "red", "warning": "orange"}


class Limit(NamedTuple):
    """`below` says that less is worse."""

    value: float
    severity: str
    unit: str = ""
    below: bool = False

    def steps(self) -> list[Step]:
        color = COLORS[self.severity]
        if self.below:
            return [Step(None, color), Step(self.value, "green")]
        return [Step(None, "green"), Step(self.value, color)]

    def sentence(self, alert: str) -> str:
        verb = "pages" if self.severity == "critical" else "warns"
        side = "below" if self.below else "above"
        return f"The alert {alert} {verb} {side} {self.value:,g}{self.unit}."


LIMITS = {
    # MONITORING.md's
    "HighErrorRate": Limit(0.33, "critical", "/s"),
    "WebSocketConnectionFailures": Limit(50, "critical", " a minute"),
    "PaymentFailures": Limit(5, "critical", " an hour"),
    "HighResponseTime": Limit(2, "warning", " s"),
    "HighDatabaseQueryRate": Limit(1000, "warning", "/s"),
    "WebSocketQueueBacklog": Limit(0.8, "warning", " of the capacity"),
    "DiskSpaceLow": Limit(0.20, "warning", below=True),
    # our own
    "ChannelLayerLosesMessages": Limit(10, "warning", " in 5 minutes"),
    "CeleryBacklog": Limit(100, "warning", " tasks"),
    "CeleryBeatSilent": Limit(180, "warning", " s"),
    "CeleryTasksFailing": Limit(0.05, "warning", " of a task's runs"),
    "CertificateExpires": Limit(14 * 86400, "warning", " s (14 days)", below=True),
    "DiskFilling": Limit(0, "warning", below=True),
}
