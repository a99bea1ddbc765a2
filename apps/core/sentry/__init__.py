"""Sentry: off without a DSN, sampled by environment, and without the input of clients. `Requests`
and `Sockets` wrap the ASGI application; tasks and errors in the log are covered by the SDK."""

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

__all__ = ["SAMPLE_RATES", "Requests", "Sockets", "enabled", "init", "message",
           "sample_rate"]  # fmt: skip

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
    """The configured rate, else the default of the environment."""
    return SAMPLE_RATES.get(environment, 0.1) if configured is None else configured


def init(
    *, dsn: str, tags: tuple[str, ...] = (), send_usernames: bool = False, spotlight: str = "",
    **options: Any,
) -> None:  # fmt: skip
    """`sentry_sdk.init`, unless neither a DSN nor Spotlight, Sentry's local double, is set.

    `tags` are the fields of the context and of URLs that become tags. `spotlight` is its URL, or 1
    for the default URL."""
    is_on = env_to_bool(spotlight, strict=True)
    spotlight_option = spotlight if spotlight and is_on is None else bool(is_on)
    if not dsn and not spotlight_option:
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
            spotlight=spotlight_option,
            **OPTIONS,
            **options,
        )
    ignore_logger("django.security.*")  # clients cause these errors


def enabled() -> bool:
    return sentry_sdk.get_client().is_active()
