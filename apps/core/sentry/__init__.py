"""Sentry: off without a DSN, sampled by environment, and without the input of clients. `Requests`
and `Sockets` wrap the ASGI application; tasks and errors in the log are covered by the SDK."""

import os
import warnings
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.utils import env_to_bool

from apps.core.sentry.asgi import Requests, Sockets, message
from apps.core.sentry.scrubbing import Scrubber

__all__ = ["Requests", "Sockets", "enabled", "init", "message", "sample_rate"]

SAMPLE_RATES: dict[str, float] = {"development": 1.0, "staging": 0.5, "production": 0.1}
OPTIONS: dict[str, Any] = {
    "max_request_body_size": "never",
    "include_local_variables": False,
    "event_scrubber": EventScrubber(recursive=True),
    "integrations": [
        CeleryIntegration(monitor_beat_tasks=True),
        ThreadingIntegration(propagate_scope=False),  # our threads get the caller's context
        AtexitIntegration(callback=lambda pending, timeout: None),  # the default prints to stderr
    ],
    "disabled_integrations": [ArgvIntegration()],
}


def sample_rate(environment: str, configured: float | None) -> float:
    return SAMPLE_RATES.get(environment, 0.1) if configured is None else configured


def init(
    *, dsn: str, tags: tuple[str, ...] = (), send_usernames: bool = False, **options: Any
) -> None:
    """`sentry_sdk.init`, if there is a DSN or SENTRY_SPOTLIGHT, which the SDK reads. `tags` are the
    fields of the context and of URLs that become tags."""
    if not dsn and not env_to_bool(os.environ.get("SENTRY_SPOTLIGHT")):
        return
    scrubber = Scrubber(tags=tags, send_usernames=send_usernames)
    with warnings.catch_warnings():
        # The successor of `profiles_sample_rate` samples processes, not transactions.
        warnings.filterwarnings("ignore", "Transaction-based profiling", DeprecationWarning)
        sentry_sdk.init(
            dsn=dsn or None,
            before_send=scrubber.error,
            before_send_transaction=scrubber.transaction,
            before_breadcrumb=scrubber.breadcrumb,
            **OPTIONS,
            **options,
        )
    ignore_logger("django.security.*")  # clients cause these errors


def enabled() -> bool:
    return sentry_sdk.get_client().is_active()
