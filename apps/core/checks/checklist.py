"""The items of MONITORING.md's deployment checklist, as system checks: `manage.py check --deploy`
lists each that is open, and each that it cannot verify.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, register

from apps.core.checks import checklist_items as items


@dataclass(frozen=True)
class ChecklistItem:
    """`verify` returns if the item is done; otherwise it raises items.Open or items.Unknown."""

    text: str
    verify: Callable[[], None]
    hint: str


@register("monitoring", deploy=True)
def check_items(**_: Any) -> list[CheckMessage]:
    numbered = [*enumerate(GUIDE_ITEMS, start=101), *enumerate(EXTRA_ITEMS, start=201)]
    messages = [_message(number, item) for number, item in numbered]
    return [message for message in messages if message]


def _message(number: int, item: ChecklistItem) -> CheckMessage | None:
    try:
        item.verify()
    except items.Unknown as reason:
        return checks.Info(f"{item.text}: unknown. {reason}", hint=item.hint, id=f"core.I{number}")
    except items.Open as reason:
        hint = reason.hint or item.hint
        return checks.Warning(f"{item.text}: open. {reason}", hint=hint, id=f"core.W{number}")
    return None


GUIDE_ITEMS = [
    ChecklistItem("Configure Sentry DSN in production .env", items.sentry_dsn, "Set SENTRY_DSN."),
    ChecklistItem(
        "Set appropriate Sentry sampling rates (0.1 for production)",
        items.sampling,
        "Unset SENTRY_TRACES_SAMPLE_RATE and SENTRY_PROFILES_SAMPLE_RATE to use the defaults.",
    ),
    ChecklistItem(
        "Install django-prometheus package",
        items.django_prometheus,
        "pip install -r requirements.txt",
    ),
    ChecklistItem(
        "Add Prometheus middleware to settings.py",
        items.metrics,
        "manage.py check lists what to change.",
    ),
    ChecklistItem(
        "Configure Grafana dashboards with PromQL queries",
        items.dashboards,
        "python grafana/build.py writes them, docker compose provisions them.",
    ),
    ChecklistItem("Set up alert rules in Prometheus/Grafana", items.rules, "See prometheus/rules."),
    ChecklistItem(
        "Configure Slack webhook for non-critical alerts",
        items.slack,
        "Write the webhook's URL to a file, and the file's name to SLACK_URL_FILE.",
    ),
    ChecklistItem(
        "Configure PagerDuty for critical alerts",
        items.pagerduty,
        "Write the integration key to a file, and the file's name to PAGERDUTY_KEY_FILE.",
    ),
    ChecklistItem(
        "Test health check endpoints from load balancer",
        items.probes,
        "Set PUBLIC_URL to the public address; see also manage.py check_monitoring.",
    ),
    ChecklistItem("Verify JSON logging in production", items.json_logs, "Set LOG_FORMAT=json."),
    ChecklistItem(
        "Set up log aggregation (ELK stack or CloudWatch)",
        items.aggregation,
        "docker compose --profile logs up, or docs/logging.md; then set LOG_AGGREGATION to loki,"
        " elk or cloudwatch.",
    ),
]
# Missing in the guide's checklist.
EXTRA_ITEMS = [
    ChecklistItem(
        "Configure the dead man's switch",
        items.dead_mans_switch,
        "Put its URL into prometheus/alertmanager.yml and its token into WATCHDOG_TOKEN_FILE.",
    ),
]
