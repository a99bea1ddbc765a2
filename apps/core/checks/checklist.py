"""The boxes of MONITORING.md's deployment checklist: `manage.py check --deploy` names each that is
open, and each of which it cannot know.
"""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import sentry_sdk
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register

from apps.core import logs, sentry
from apps.core.checks import wiring

SECONDS = 3


class Unknown(Exception):
    """The box cannot be told from here; the text says why, and who can tell."""


@dataclass(frozen=True)
class Box:
    """`fault` gives what is wrong, or nothing where the box may be ticked. Raises Unknown."""

    text: str
    fault: Callable[[], str]
    hint: str


@register("monitoring", deploy=True)
def check_boxes(**_: Any) -> list[CheckMessage]:
    found = [_said(number, box) for number, box in enumerate(BOXES, start=1)]
    return [message for message in found if message]


def _said(number: int, box: Box) -> CheckMessage | None:
    try:
        fault = box.fault()
    except Unknown as why:
        return checks.Info(f"{box.text}: unknown. {why}", hint=box.hint, id=f"core.I1{number:02}")
    if not fault:
        return None
    return checks.Warning(f"{box.text}: open. {fault}", hint=box.hint, id=f"core.W1{number:02}")


def _sentry_dsn() -> str:
    return "" if sentry.enabled() else "SENTRY_DSN is not set."


def _sampling() -> str:
    if not sentry.enabled():
        return "Sentry is off."
    options = sentry_sdk.get_client().options
    most = sentry.SAMPLE_RATES.get(options["environment"], sentry.SAMPLE_RATES["production"])
    rates = {name: options[name] for name in ("traces_sample_rate", "profiles_sample_rate")}
    high = [f"{name.upper()} is {rate}" for name, rate in rates.items() if (rate or 0) > most]
    return f"{' and '.join(high)}, more than {most}." if high else ""


def _installed() -> str:
    try:
        return "" if version("django-prometheus") else "It has no version."
    except PackageNotFoundError:
        return "It is not installed."


def _metrics() -> str:
    if not settings.ENABLE_PROMETHEUS:
        return "ENABLE_PROMETHEUS is 0."
    return " ".join(str(message.msg) for message in wiring.check_metrics())


def _dashboards() -> str:
    boards = _files("grafana/dashboards", "*.json")
    asked = [board for board in boards if '"expr"' in board and json.loads(board)["panels"]]
    return "" if asked else "No dashboard in grafana/dashboards has a query."


def _rules() -> str:
    rules = _files("prometheus/rules", "*.yml")
    return "" if any("- alert:" in text for text in rules) else "prometheus/rules has no alert."


def _slack() -> str:
    return _secret("SLACK_URL_FILE", "Slack")


def _pagerduty() -> str:
    return _secret("PAGERDUTY_KEY_FILE", "PagerDuty")


def _probes() -> str:
    """Asked for real, by the address that users have."""
    if not settings.PUBLIC_URL:
        raise Unknown("PUBLIC_URL does not say where the load balancer is.")
    for path in ("/healthz", "/readiness"):
        address = settings.PUBLIC_URL.rstrip("/") + path
        try:
            with urllib.request.urlopen(address, timeout=SECONDS):  # noqa: S310 http or https by settings
                pass
        except OSError as fault:
            return f"{address}: {fault}."
    return ""


def _json_logs() -> str:
    if not logs.process.is_ours():
        return "LOGGING_CONFIG is not apps.core.logs.configure."
    handlers = settings.LOGGING["handlers"]
    readable = [name for name, one in handlers.items() if one.get("formatter") != "json"]
    return f"LOG_FORMAT is not json ({', '.join(readable)})." if readable else ""


def _aggregation() -> str:
    if not settings.LOG_AGGREGATION:
        raise Unknown("LOG_AGGREGATION does not say what collects stdout.")
    return ""


def _secret(variable: str, whom: str) -> str:
    """Alertmanager's, not ours: it is in a file that docker compose mounts."""
    file = settings.ALERTMANAGER_SECRETS.get(variable, "")
    if not file:
        raise Unknown(f"{variable} names no file: Alertmanager may be run elsewhere.")
    try:
        return "" if Path(file).read_text().strip() else f"{file} is empty."
    except OSError as fault:
        return f"{whom} will not be told: {file}: {fault.strerror}."


def _files(folder: str, pattern: str) -> list[str]:
    path = Path(settings.BASE_DIR, folder)
    if not path.is_dir():
        raise Unknown(f"{folder} is not here. Check from the repository.")
    return [file.read_text() for file in sorted(path.glob(pattern))]


BOXES = [
    Box("Configure Sentry DSN in production .env", _sentry_dsn, "Set SENTRY_DSN."),
    Box(
        "Set appropriate Sentry sampling rates (0.1 for production)",
        _sampling,
        "Unset SENTRY_TRACES_SAMPLE_RATE and SENTRY_PROFILES_SAMPLE_RATE: the defaults fit.",
    ),
    Box("Install django-prometheus package", _installed, "pip install -r requirements.txt"),
    Box(
        "Add Prometheus middleware to settings.py",
        _metrics,
        "BeforeMiddleware comes first, AfterMiddleware last.",
    ),
    Box(
        "Configure Grafana dashboards with PromQL queries",
        _dashboards,
        "python grafana/build.py writes them, docker compose provisions them.",
    ),
    Box("Set up alert rules in Prometheus/Grafana", _rules, "See prometheus/rules."),
    Box(
        "Configure Slack webhook for non-critical alerts",
        _slack,
        "Put the webhook's URL into a file, and the file's name into SLACK_URL_FILE.",
    ),
    Box(
        "Configure PagerDuty for critical alerts",
        _pagerduty,
        "Put the integration key into a file, and the file's name into PAGERDUTY_KEY_FILE.",
    ),
    Box(
        "Test health check endpoints from load balancer",
        _probes,
        "Set PUBLIC_URL, the address that users have; see also manage.py check_monitoring.",
    ),
    Box("Verify JSON logging in production", _json_logs, "Set LOG_FORMAT=json."),
    Box(
        "Set up log aggregation (ELK stack or CloudWatch)",
        _aggregation,
        "docker compose --profile logs up, or docs/logging.md; then LOG_AGGREGATION=loki, elk, ….",
    ),
]
