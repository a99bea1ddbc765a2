"""The values at which the alerts of `prometheus/rules/` fire, for the lines in the panels.

A test holds each against its rule. Where rules of one name differ by their window, it is behind a
slash.
"""

from typing import NamedTuple

from grafana.shapes import Step

COLORS = {"critical": "red", "warning": "orange"}
ALLOWED = 0.001  # of each journey, over 30 days: the objectives' 99.9 %


class Limit(NamedTuple):
    """`below` says that less is worse; `counted`, that there is nothing between one and the next.

    `per` is what the panel divides by and the rule does not.
    """

    value: float
    severity: str
    unit: str = ""
    below: bool = False
    counted: bool = False
    per: float = 1

    def steps(self) -> list[Step]:
        """A step's colour begins at its value; an alert fires above it."""
        color = COLORS[self.severity]
        if self.below:
            return [Step(None, color), Step(self.value, "green")]
        return [Step(None, "green"), Step(self.value + self.counted, color)]

    def sentence(self, alert: str) -> str:
        verb = "pages" if self.severity == "critical" else "warns"
        side = "below" if self.below else "above"
        name = alert.partition("/")[0]
        return f"The alert {name} {verb} {side} {self.value:,g}{self.unit}."


LIMITS = {
    # MONITORING.md's
    "HighErrorRate": Limit(0.33, "critical", "/s"),
    "WebSocketConnectionFailures": Limit(50, "critical", " a minute"),
    "PaymentFailures": Limit(5, "critical", " an hour", counted=True),
    "HighResponseTime": Limit(2, "warning", " s"),
    "HighDatabaseQueryRate": Limit(1000, "warning", "/s"),
    "WebSocketQueueBacklog": Limit(0.8, "warning", " of the capacity"),
    "DiskSpaceLow": Limit(0.20, "warning", below=True),
    # our own
    "NotificationsFail": Limit(0, "warning", " lost in 15 minutes", counted=True),
    "WebOverloaded": Limit(0, "warning", " in 5 minutes", counted=True),
    "DatabasePoolExhausted": Limit(0, "critical", " that wait at a full pool", counted=True),
    "ChannelLayerLosesMessages": Limit(10, "warning", " in 5 minutes"),
    "CeleryStalled": Limit(0, "critical", " tasks that nobody takes", counted=True),
    "CeleryBacklog": Limit(100, "warning", " tasks", counted=True),
    "CeleryBeatSilent": Limit(180, "warning", " s"),
    "CeleryTasksFailing": Limit(0.05, "warning", " of a task's runs"),
    "LedgerImbalance": Limit(0, "critical", " coins or minor units", counted=True),
    "PaymentsDisagree": Limit(0, "warning", " payments", counted=True),
    "CoinsMiscounted": Limit(0.05, "warning", " (5 %) for eight hours"),
    "AuditChainBroken": Limit(0, "critical", " streams", counted=True),
    "AuditUnverified": Limit(900, "warning", " s"),
    "DisputesWait": Limit(2 * 3600, "warning", " s (2 hours)"),
    "CertificateExpires": Limit(14 * 86400, "warning", " s (14 days)", below=True),
    "DiskFilling": Limit(0, "warning", below=True),
    "JourneyBurnsFast/1h": Limit(14.4, "critical", " in both windows", per=ALLOWED),
    "JourneyBurnsFast/6h": Limit(6, "critical", " in both windows", per=ALLOWED),
    "JourneyBurnsSlowly/1d": Limit(3, "warning", " in a day and 2 hours", per=ALLOWED),
    "JourneyBurnsSlowly/3d": Limit(1, "warning", " in three days and 6 hours", per=ALLOWED),
}
