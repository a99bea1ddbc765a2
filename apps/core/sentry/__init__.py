"""Sentry: off without a DSN, sampled by environment, and told nothing that a client sent.

What is told comes from four places: `Requests` and `Sockets`, which wrap the application and open a
scope for each piece of work; Celery's own integration, for tasks and for beat; every log record of
level ERROR; and `record`, whose events become tags and breadcrumbs (`apps.events.recording`).
"""

import logging
import warnings
from functools import partial
from typing import Any

import sentry_sdk
from sentry_sdk.integrations import Integration
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.utils import BadDsn, Dsn, env_to_bool

from apps.core.sentry import scrubbing
from apps.core.sentry.asgi import Requests, Sockets, fresh_scope, message
from apps.core.sentry.feedback import feedback

__all__ = [
    "SAMPLE_RATES",
    "Requests",
    "Sockets",
    "enabled",
    "feedback",
    "fresh_scope",
    "init",
    "is_dsn",
    "message",
    "tag",
]

SAMPLE_RATES: dict[str, float] = {"development": 1.0, "staging": 0.5, "production": 0.1}
CLIENTS_DOING = "django.security.*"  # what they log at ERROR


def sample_rate(environment: str, configured: float | None) -> float:
    """The configured rate, else the default of the environment."""
    default = SAMPLE_RATES.get(environment, SAMPLE_RATES["production"])
    return default if configured is None else configured


def init(
    *,
    dsn: str,
    environment: str = "production",
    release: str | None = None,
    traces_sample_rate: float = 0.0,
    profiles_sample_rate: float = 0.0,
    tags: tuple[str, ...] = (),
    send_usernames: bool = False,
    spotlight: str = "",
    **options: Any,
) -> None:
    """Without a DSN or Spotlight (Sentry's local double) nothing is initialised, and every call to
    the SDK is silent. `spotlight` is its URL, or 1 for its usual one."""
    wanted = env_to_bool(spotlight, strict=True)
    double: str | bool = spotlight if spotlight and wanted is None else bool(wanted)
    if not dsn and not double:
        return
    with warnings.catch_warnings():
        # What comes after `profiles_sample_rate` samples processes, not transactions.
        warnings.filterwarnings("ignore", "Transaction-based profiling", DeprecationWarning)
        sentry_sdk.init(
            dsn=dsn or None,
            environment=environment,
            release=release,
            traces_sample_rate=traces_sample_rate,
            profiles_sample_rate=profiles_sample_rate,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=partial(scrubbing.error, send_usernames=send_usernames),
            before_send_transaction=partial(scrubbing.transaction, send_usernames=send_usernames),
            before_breadcrumb=scrubbing.breadcrumb,
            spotlight=double,
            integrations=_integrations(),
            disabled_integrations=[ArgvIntegration()],
            **options,
        )
    ignore_logger(CLIENTS_DOING)


def _integrations() -> list[Integration]:
    return [
        DjangoIntegration(),
        CeleryIntegration(monitor_beat_tasks=True),
        LoggingIntegration(event_level=logging.ERROR),
        ThreadingIntegration(propagate_scope=False),  # our threads get the caller's context
        AtexitIntegration(callback=_say_nothing),
    ]


def is_dsn(text: str) -> bool:
    try:
        Dsn(text)
    except BadDsn:
        return False
    return True


def enabled() -> bool:
    return sentry_sdk.get_client().is_active()


def tag(fields: dict[str, Any]) -> None:
    """Sets tags on what is captured from here to the end of the request, socket or task."""
    for name, value in fields.items():
        sentry_sdk.set_tag(name, str(value))


def _say_nothing(pending: int, timeout: float) -> None:
    """By default the SDK writes to stderr when it ends, and our lines are JSON."""
