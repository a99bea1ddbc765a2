"""How each box of MONITORING.md's deployment checklist is looked at.

A function that returns has seen the box ticked. Otherwise it raises Open, or, where it cannot be
told from here, Unknown.
"""

import json
import logging
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sentry_sdk

from apps.core import sentry
from apps.core.checks import fetch, wiring
from apps.core.checks.deployment import Deployment, Failed
from apps.core.conf import conf

SECONDS = 3
OLDEST = (2, 3, 1)  # django-prometheus, by the guide
COLLECTORS = ("loki", "elk", "cloudwatch")
PLACEHOLDER = "watchdog.invalid"


class Open(Exception):
    """The text says what is wrong; `hint` what to do, where the box's own does not fit."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class Unknown(Exception):
    """The text says why, and who can tell."""


def sentry_dsn() -> None:
    if not sentry.enabled():
        raise Open("SENTRY_DSN is not set.")


def sampling() -> None:
    if not sentry.enabled():
        raise Open("Sentry is off.", "Set SENTRY_DSN.")
    options = sentry_sdk.get_client().options
    most = sentry.SAMPLE_RATES.get(options["environment"], sentry.SAMPLE_RATES["production"])
    rates = {name: options[name] for name in ("traces_sample_rate", "profiles_sample_rate")}
    high = [f"{name.upper()} is {rate}" for name, rate in rates.items() if (rate or 0) > most]
    if high:
        raise Open(f"{' and '.join(high)}, more than {most}.")


def installed() -> None:
    """That it can be imported goes without saying: these checks import it. So what is looked at is
    its version, by the guide's own requirement."""
    try:
        found = version("django-prometheus")
    except PackageNotFoundError:
        raise Open("It was not installed by pip, so nobody knows its version.") from None
    if tuple(int(number) for number in re.findall(r"\d+", found)[:3]) < OLDEST:
        raise Open(f"It is {found}, older than {'.'.join(map(str, OLDEST))}.")


def metrics() -> None:
    if not conf.ENABLE_PROMETHEUS:
        raise Open("ENABLE_PROMETHEUS is 0.", "Set ENABLE_PROMETHEUS=1.")
    if faults := wiring.check_metrics():
        raise Open(" ".join(str(fault.msg) for fault in faults))


def dashboards() -> None:
    boards = _files("grafana/dashboards", "*.json")
    if not any('"expr"' in board and json.loads(board)["panels"] for board in boards):
        raise Open("No dashboard in grafana/dashboards has a query.")


def rules() -> None:
    if not any("- alert:" in text for text in _files("prometheus/rules", "*.yml")):
        raise Open("prometheus/rules has no alert.")


def slack() -> None:
    _secret("SLACK_URL_FILE", "Slack")


def pagerduty() -> None:
    _secret("PAGERDUTY_KEY_FILE", "PagerDuty")


def probes() -> None:
    """Asked for real, by the address that users have."""
    if not conf.PUBLIC_URL:
        raise Unknown("PUBLIC_URL does not say where the load balancer is.")
    try:
        balancer = Deployment(fetch.origin(conf.PUBLIC_URL), seconds=SECONDS)
        balancer.lives()
        balancer.is_ready()
    except (ValueError, Failed) as why:
        raise Open(f"{why}.") from None


def json_logs() -> None:
    """Each handler of the root logger is given a record."""
    record = logging.makeLogRecord({"msg": "Is this JSON?", "levelname": "INFO"})
    handlers = logging.getLogger().handlers
    readable = [
        one.get_name() or type(one).__name__ for one in handlers if not _is_json(one, record)
    ]
    if readable:
        raise Open(f"LOG_FORMAT is not json ({', '.join(readable)}).")
    if not handlers:
        raise Open("The root logger has no handler.")


def aggregation() -> None:
    collector = conf.LOG_AGGREGATION
    if not collector:
        raise Unknown("LOG_AGGREGATION does not say what collects stdout.")
    if collector not in COLLECTORS:
        raise Open(f"LOG_AGGREGATION is {collector!r}, which is none of {', '.join(COLLECTORS)}.")


def dead_mans_switch() -> None:
    """Not in the guide: who tells when it is the monitoring that is dead."""
    if any(PLACEHOLDER in config for config in _files("prometheus", "alertmanager.yml")):
        raise Open(f"prometheus/alertmanager.yml sends Watchdog to {PLACEHOLDER}, which is nobody.")


def _is_json(handler: logging.Handler, record: logging.LogRecord) -> bool:
    try:
        return isinstance(json.loads(handler.format(record)), dict)
    except ValueError:
        return False


def _secret(variable: str, whom: str) -> None:
    """Alertmanager's, not ours: it is in a file that docker compose mounts."""
    file = conf.ALERTMANAGER_SECRETS.get(variable, "")
    if not file:
        raise Unknown(f"{variable} names no file: Alertmanager may be run elsewhere.")
    try:
        content = Path(file).read_text()
    except OSError as fault:
        raise Open(f"{whom} will not be told: {file}: {fault.strerror}.") from None
    if not content.strip():
        raise Open(f"{file} is empty.")


def _files(folder: str, pattern: str) -> list[str]:
    path = Path(conf.BASE_DIR, folder)
    if not path.is_dir():
        raise Unknown(f"{folder} is not here. Check from the repository.")
    return [file.read_text() for file in sorted(path.glob(pattern))]
