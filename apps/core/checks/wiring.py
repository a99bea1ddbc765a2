"""System checks of the wiring in MONITORING.md's "Troubleshooting"."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register
from django.db import connections
from django.utils.module_loading import import_string
from django_prometheus.db.common import DatabaseWrapperMixin
from django_prometheus.middleware import PrometheusAfterMiddleware, PrometheusBeforeMiddleware
from prometheus_client import REGISTRY

from apps.core import sentry
from apps.core.conf import conf
from apps.core.prometheus.bounded_labels import bounded_labels

APP = "django_prometheus"
# Middleware that only logs or reports may stand outside.
OUTSIDE = ("apps.core.http.access_log.", "apps.core.sentry.")
PERSONAL = {"user", "user_id", "username", "email", "player", "ip", "request_id", "path"}
MAX_VALUES = 1000


@register("monitoring")
def check_metrics(**_: Any) -> list[CheckMessage]:
    if not conf.ENABLE_PROMETHEUS:
        return []
    return [*_app(), *_middleware(), *_database(), *_labels()]


@register("monitoring")
def check_sentry(**_: Any) -> list[CheckMessage]:
    if not conf.SENTRY_DSN or sentry.enabled():
        return []
    text = "SENTRY_DSN is set, but Sentry is not initialized."
    return [checks.Error(text, "Call apps.core.sentry.init in the settings.", id="core.E011")]


@register("monitoring")
def check_log_file(**_: Any) -> list[CheckMessage]:
    handlers = settings.LOGGING.get("handlers", {}).values()
    files = [Path(handler["filename"]) for handler in handlers if handler.get("filename")]
    hint = "Give the folder to the application's user, or collect stdout and unset LOG_FILE."
    return [
        checks.Error(f"The log file {file} cannot be written.", hint=hint, id="core.E021")
        for file in files
        if not _writable(file)
    ]


def _app() -> Iterator[CheckMessage]:
    apps = settings.INSTALLED_APPS
    if APP not in apps:
        hint = "Add it in first place, or set ENABLE_PROMETHEUS=0."
        yield checks.Error(f"{APP} is not in INSTALLED_APPS.", hint=hint, id="core.E001")
    elif apps[0] != APP:
        yield checks.Warning(f"{APP} is not the first in INSTALLED_APPS.", id="core.W002")


def _middleware() -> Iterator[CheckMessage]:
    names = [name for name in settings.MIDDLEWARE if not name.startswith(OUTSIDE)]
    classes = [import_string(name) for name in names]
    for middleware, index, position in (
        (PrometheusBeforeMiddleware, 0, "first"),
        (PrometheusAfterMiddleware, -1, "last"),
    ):
        matches = [cls for cls in classes if isinstance(cls, type) and issubclass(cls, middleware)]
        if not matches:
            yield checks.Error(f"{middleware.__name__} is not in MIDDLEWARE.", id="core.E003")
        elif classes[index] is not matches[0]:
            hint = "Middleware outside of it is neither timed nor counted."
            text = f"{middleware.__name__} is not the {position} middleware."
            yield checks.Error(text, hint=hint, id="core.E004")


def _database() -> Iterator[CheckMessage]:
    for alias in connections:
        if not isinstance(connections[alias], DatabaseWrapperMixin):
            engine = settings.DATABASES[alias]["ENGINE"]
            hint = f"Use {engine.replace('django.db.backends', 'django_prometheus.db.backends')}."
            text = f"Queries of the database {alias!r} are not counted."
            yield checks.Error(text, hint=hint, id="core.E005")


def _labels() -> Iterator[CheckMessage]:
    """High cardinality: a label with a value per person creates a series per person."""
    for metric in list(REGISTRY._collector_to_names):
        personal = PERSONAL & set(getattr(metric, "_labelnames", ()))
        if personal:
            text = f"{metric._name} has the label {', '.join(sorted(personal))}."  # type: ignore[attr-defined]  # typed as Collector
            hint = "Count all people in one series; logs and Sentry identify them."
            yield checks.Error(text, hint=hint, id="core.E006")
    for bounded in bounded_labels:
        if bounded.limit > MAX_VALUES:
            text = f"{bounded.limit} values of the label {bounded.name} may have series."
            hint = f"Each process exposes several series per value. Use at most {MAX_VALUES}."
            yield checks.Warning(text, hint=hint, id="core.W007")


def _writable(file: Path) -> bool:
    if file.exists():
        return os.access(file, os.W_OK)
    return file.parent.is_dir() and os.access(file.parent, os.W_OK)
