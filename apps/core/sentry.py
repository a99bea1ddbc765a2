"""Sentry: off without a DSN, sampled by environment, and scrubbed of what is not its business."""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.scrubber import DEFAULT_DENYLIST, EventScrubber
from sentry_sdk.types import Breadcrumb, Event, Hint, SamplingContext

from apps.core import context

SAMPLE_RATES: dict[str, float] = {"development": 1.0, "staging": 0.5, "production": 0.1}
UNSAMPLED_PATHS = ("/healthz", "/readiness", "/metrics", "/static/")
DENYLIST = [
    *DEFAULT_DENYLIST,
    "token",
    "card",
    "idempotency-key",
    "metrics_token",
    "x-csrftoken",
]


def init(
    *,
    dsn: str,
    environment: str,
    release: str | None,
    traces_sample_rate: float,
    profiles_sample_rate: float,
    **options: Any,
) -> None:
    """Without a DSN nothing is initialised and every call to the SDK is silent."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release,
        traces_sampler=sampler(traces_sample_rate),
        profiles_sample_rate=profiles_sample_rate,
        max_request_body_size="never",
        include_local_variables=False,
        event_scrubber=EventScrubber(denylist=DENYLIST, recursive=True),
        before_send=_before_send,
        before_send_transaction=_before_send,
        before_breadcrumb=_before_breadcrumb,
        # Errors come as exceptions from where they happen; daphne's log line would double them.
        integrations=[
            DjangoIntegration(),
            CeleryIntegration(),
            LoggingIntegration(event_level=None),
        ],
        **options,
    )


def enabled() -> bool:
    return sentry_sdk.get_client().is_active()


def sampler(rate: float) -> Any:
    """Probes, scrapes and static files are never sampled; a parent's decision is kept."""

    def sample(sampling: SamplingContext) -> float:
        path = (sampling.get("asgi_scope") or {}).get("path", "")
        if path.startswith(UNSAMPLED_PATHS):
            return 0.0
        parent = sampling.get("parent_sampled")
        return rate if parent is None else float(parent)

    return sample


def tag(fields: dict[str, Any]) -> None:
    """Sets tags on what is captured from here to the end of the request, message or task."""
    for name, value in fields.items():
        sentry_sdk.set_tag(name, str(value))


def _before_send(event: Event, hint: Hint) -> Event:
    request = event.get("request") or {}
    request.pop("query_string", None)
    request.pop("cookies", None)
    if "url" in request:
        request["url"] = str(request["url"]).partition("?")[0]
    known = context.current()
    tags = event.setdefault("tags", {})
    for name in ("request_id", "tournament_id", "match_id"):
        if isinstance(tags, dict) and name in known:
            tags.setdefault(name, str(known[name]))
    if "user_id" in known:
        event["user"] = {"id": str(known["user_id"])}
    return event


def _before_breadcrumb(crumb: Breadcrumb, hint: Hint) -> Breadcrumb | None:
    """A query's parameters may hold a secret, so only its category and text are kept."""
    if crumb.get("category") == "query":
        crumb.pop("data", None)
    return crumb
