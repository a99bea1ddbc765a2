"""MONITORING.md's deployment checklist: `manage.py check --deploy` lists open and unknown items.

A function that returns has verified its item. Otherwise it raises Failed, or Unknown if this
process cannot verify it.
"""

import json
import logging
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sentry_sdk
from django.core import checks
from django.core.checks import CheckMessage, register
from django.utils.version import get_version_tuple

from apps.core import sentry
from apps.core.checks import Failed, Unknown, fetch, wiring
from apps.core.checks.deployment import Deployment
from apps.core.conf import conf

PROBE_TIMEOUT = 3.0  # seconds
MIN_VERSION = (2, 3, 1)  # of django-prometheus, from the guide
COLLECTORS = ("loki", "elk", "cloudwatch")
PLACEHOLDER = "watchdog.invalid"


@register("monitoring", deploy=True)
def check_items(**_: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for number, (text, verify) in CHECKLIST.items():
        try:
            verify()
        except Unknown as reason:
            messages.append(checks.Info(f"{text}: unknown. {reason}", id=f"core.I{number}"))
        except Failed as reason:
            messages.append(checks.Warning(f"{text}: open. {reason}", id=f"core.W{number}"))
    return messages


def sentry_dsn() -> None:
    if not sentry.enabled():
        raise Failed("SENTRY_DSN is not set.")


def sampling() -> None:
    sentry_dsn()
    options = sentry_sdk.get_client().options
    limit = sentry.sample_rate(options["environment"], None)
    rates = {name: options[name] for name in ("traces_sample_rate", "profiles_sample_rate")}
    high = [f"{name.upper()} is {rate}" for name, rate in rates.items() if (rate or 0) > limit]
    if high:
        raise Failed(f"{' and '.join(high)}, more than {limit}. Unset both sample rates.")


def django_prometheus() -> None:
    """Checks the version only: these checks import the package."""
    installed = version("django-prometheus")
    if get_version_tuple(installed) < MIN_VERSION:
        raise Failed(f"Version {installed} is older than {'.'.join(map(str, MIN_VERSION))}.")


def metrics() -> None:
    if not conf.ENABLE_PROMETHEUS:
        raise Failed("ENABLE_PROMETHEUS is 0.")
    if messages := wiring.check_metrics():
        raise Failed(" ".join(str(message.msg) for message in messages))


def dashboards() -> None:
    boards = _files("grafana/dashboards", "*.json")
    if not any('"expr"' in board and json.loads(board)["panels"] for board in boards):
        raise Failed("No dashboard in grafana/dashboards has a query. Run grafana/build.py.")


def rules() -> None:
    if not any("- alert:" in text for text in _files("prometheus/rules", "*.yml")):
        raise Failed("prometheus/rules has no alert.")


def probes() -> None:
    if not conf.PUBLIC_URL:
        raise Unknown("PUBLIC_URL is not set.")
    deployment = Deployment(fetch.origin(conf.PUBLIC_URL), timeout=PROBE_TIMEOUT)
    deployment.check_liveness()
    deployment.check_readiness()


def json_logs() -> None:
    record = logging.makeLogRecord({"msg": "Is this JSON?", "levelname": "INFO"})
    for handler in logging.root.handlers:
        try:
            json.loads(handler.format(record))
        except ValueError:
            raise Failed(f"LOG_FORMAT is not json ({handler.name or handler}).") from None
    if not logging.root.handlers:
        raise Failed("The root logger has no handler.")


def aggregation() -> None:
    collector = conf.LOG_AGGREGATION
    if not collector:
        raise Unknown("LOG_AGGREGATION does not name the service that collects stdout.")
    if collector not in COLLECTORS:
        raise Failed(f"LOG_AGGREGATION is {collector!r}, not one of {', '.join(COLLECTORS)}.")


def dead_mans_switch() -> None:
    if any(PLACEHOLDER in config for config in _files("prometheus", "alertmanager.yml")):
        raise Failed(f"prometheus/alertmanager.yml sends Watchdog to {PLACEHOLDER}, a placeholder.")


def _check_secret(variable: str, service: str) -> None:
    """A secret of Alertmanager, in a file that docker compose mounts."""
    file = conf.ALERTMANAGER_SECRETS.get(variable, "")
    if not file:
        raise Unknown(f"{variable} does not name a file: Alertmanager may run elsewhere.")
    try:
        content = Path(file).read_text()
    except OSError as error:
        raise Failed(f"No alerts reach {service}: {file}: {error.strerror}.") from None
    if not content.strip():
        raise Failed(f"{file} is empty.")


def _files(folder: str, pattern: str) -> list[str]:
    path = Path(conf.BASE_DIR, folder)
    if not path.is_dir():
        raise Unknown(f"{folder} does not exist here. Run the check in the repository.")
    return [file.read_text() for file in sorted(path.glob(pattern))]


slack = partial(_check_secret, "SLACK_URL_FILE", "Slack")
pagerduty = partial(_check_secret, "PAGERDUTY_KEY_FILE", "PagerDuty")
CHECKLIST: dict[int, tuple[str, Callable[[], None]]] = {
    101: ("Configure Sentry DSN in production .env", sentry_dsn),
    102: ("Set appropriate Sentry sampling rates (0.1 for production)", sampling),
    103: ("Install django-prometheus package", django_prometheus),
    104: ("Add Prometheus middleware to settings.py", metrics),
    105: ("Configure Grafana dashboards with PromQL queries", dashboards),
    106: ("Set up alert rules in Prometheus/Grafana", rules),
    107: ("Configure Slack webhook for non-critical alerts", slack),
    108: ("Configure PagerDuty for critical alerts", pagerduty),
    109: ("Test health check endpoints from load balancer", probes),
    110: ("Verify JSON logging in production", json_logs),
    111: ("Set up log aggregation (ELK stack or CloudWatch)", aggregation),
    201: ("Configure the dead man's switch", dead_mans_switch),
}
