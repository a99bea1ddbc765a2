"""The boxes of MONITORING.md's deployment checklist: `manage.py check --deploy` names each that is
open, and each of which it cannot know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, register

from apps.core.checks import checklist_items


@dataclass(frozen=True)
class Box:
    """`look` returns where it is ticked; else it raises boxes.Open or boxes.Unknown."""

    text: str
    look: Callable[[], None]
    hint: str


@register("monitoring", deploy=True)
def check_boxes(**_: Any) -> list[CheckMessage]:
    numbered = [*enumerate(BOXES, start=101), *enumerate(BESIDES, start=201)]
    found = [_said(number, box) for number, box in numbered]
    return [message for message in found if message]


def _said(number: int, box: Box) -> CheckMessage | None:
    try:
        box.look()
    except checklist_items.Unknown as why:
        return checks.Info(f"{box.text}: unknown. {why}", hint=box.hint, id=f"core.I{number}")
    except checklist_items.Open as why:
        hint = why.hint or box.hint
        return checks.Warning(f"{box.text}: open. {why}", hint=hint, id=f"core.W{number}")
    return None


BOXES = [
    Box("Configure Sentry DSN in production .env", checklist_items.sentry_dsn, "Set SENTRY_DSN."),
    Box(
        "Set appropriate Sentry sampling rates (0.1 for production)",
        checklist_items.sampling,
        "Unset SENTRY_TRACES_SAMPLE_RATE and SENTRY_PROFILES_SAMPLE_RATE: the defaults fit.",
    ),
    Box(
        "Install django-prometheus package",
        checklist_items.installed,
        "pip install -r requirements.txt",
    ),
    Box(
        "Add Prometheus middleware to settings.py",
        checklist_items.metrics,
        "manage.py check says of each what to do.",
    ),
    Box(
        "Configure Grafana dashboards with PromQL queries",
        checklist_items.dashboards,
        "python grafana/build.py writes them, docker compose provisions them.",
    ),
    Box("Set up alert rules in Prometheus/Grafana", checklist_items.rules, "See prometheus/rules."),
    Box(
        "Configure Slack webhook for non-critical alerts",
        checklist_items.slack,
        "Put the webhook's URL into a file, and the file's name into SLACK_URL_FILE.",
    ),
    Box(
        "Configure PagerDuty for critical alerts",
        checklist_items.pagerduty,
        "Put the integration key into a file, and the file's name into PAGERDUTY_KEY_FILE.",
    ),
    Box(
        "Test health check endpoints from load balancer",
        checklist_items.probes,
        "Set PUBLIC_URL, the address that users have; see also manage.py check_monitoring.",
    ),
    Box("Verify JSON logging in production", checklist_items.json_logs, "Set LOG_FORMAT=json."),
    Box(
        "Set up log aggregation (ELK stack or CloudWatch)",
        checklist_items.aggregation,
        "docker compose --profile logs up, or docs/logging.md; then LOG_AGGREGATION=loki, or elk,"
        " or cloudwatch.",
    ),
]
# What the guide's checklist leaves out.
BESIDES = [
    Box(
        "Give the dead-man's switch an address",
        checklist_items.dead_mans_switch,
        "Put its URL into prometheus/alertmanager.yml and its token into WATCHDOG_TOKEN_FILE.",
    ),
]
