"""What leaves for Sentry. Requests, users, spans and the SDK's contexts: by allow-list. Texts and
values that the code adds: without secrets, as in log lines (`logging/redaction.py`)."""

import re
from contextlib import suppress
from typing import Any

from sentry_sdk.types import Breadcrumb, Event, Hint

from apps.core import context
from apps.core.logging.redaction import plain, text

NO_ROUTE = "(no route)"
FILTERED = "[Filtered]"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Of these headers an event says that they were present.
PRESENT = ("authorization", "cookie", "idempotency-key", "origin", "referer", "x-csrftoken")
MEDIA_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data",
               "text/plain")  # fmt: skip
_PRODUCTS = re.compile(
    r"\b(Chrome|Edg|Firefox|Safari|curl|Wget|python-httpx|python-requests|Go-http-client)/(\d{1,3})\b"
)
CONTEXTS = {
    "trace": ("trace_id", "span_id", "parent_span_id", "op", "origin", "status", "data",
              "dynamic_sampling_context"),
    "runtime": ("name", "version", "build"),
    "response": ("status_code",),
    "profile": ("profiler_id",),
}  # fmt: skip
SPAN_DATA = ("code.", "db.name", "db.operation", "db.system", "http.response.", "messaging.",
             "thread.")  # fmt: skip
SERVER = "daphne.server"  # logs exceptions that were captured in the scope of their request
_SQL_LITERAL = re.compile(r"'(?:[^']|'')*'")
_REPORTED = "__reported_to_sentry__"


class Scrubber:
    def __init__(self, *, tags: tuple[str, ...], send_usernames: bool) -> None:
        self._tags = tags
        self._user_fields = ("id", "username") if send_usernames else ("id",)

    def error(self, event: Event, hint: Hint) -> Event | None:
        if _was_reported(hint):
            return None
        scrubbed = self._scrub(event)
        for name in ("message", "logentry", "fingerprint"):
            if name in scrubbed:
                scrubbed[name] = plain(scrubbed[name])
        for exception in _values(scrubbed, "exception"):
            exception["value"] = text(exception.get("value") or "")
        breadcrumbs = _values(scrubbed, "breadcrumbs")
        breadcrumbs[:] = map(plain, breadcrumbs)
        return scrubbed  # type: ignore[return-value]  # a TypedDict, changed by name

    def transaction(self, event: Event, hint: Hint) -> Event:
        scrubbed = self._scrub(event)
        scrubbed["spans"] = [_span(span) for span in scrubbed.get("spans") or []]
        return scrubbed  # type: ignore[return-value]  # likewise

    def breadcrumb(self, crumb: Breadcrumb, hint: Hint) -> Breadcrumb:
        """Without parameters of queries, keys of Redis and queries of URLs."""
        if (category := crumb.get("category")) in ("query", "redis", "httplib"):
            crumb.pop("data", None)
            if category == "redis":
                crumb["message"] = str(crumb.get("message")).partition(" ")[0]
        return crumb

    def _scrub(self, event: Event) -> dict[str, Any]:
        scrubbed: dict[str, Any] = dict(event)
        if (scrubbed.get("transaction_info") or {}).get("source") == "url":
            scrubbed |= {"transaction": NO_ROUTE, "transaction_info": {"source": "custom"}}
        if request := scrubbed.pop("request", None):
            scrubbed["request"] = _request(request, scrubbed.get("transaction") or NO_ROUTE)
        extra = scrubbed.get("extra", {}).items()
        scrubbed["extra"] = plain({name: v for name, v in extra if name != "celery-job"})
        scrubbed["contexts"] = _contexts(scrubbed.get("contexts") or {})
        fields = context.current()
        user = {"id": fields.get("user_id")} | (scrubbed.get("user") or {})
        scrubbed["user"] = {name: str(user[name]) for name in self._user_fields if user.get(name)}
        tags = {name: str(v) for name, v in plain(scrubbed.get("tags") or {}).items()}
        own = {name: str(fields[name]) for name in self._tags if name in fields}
        request_id = {"request_id": fields["request_id"]} if "request_id" in fields else {}
        scrubbed["tags"] = own | tags | request_id
        return scrubbed


def _was_reported(hint: Hint) -> bool:
    """Whether the server logs an exception that was reported before."""
    error = (hint.get("exc_info") or (None, None, None))[1]
    record = hint.get("log_record")
    if record is not None and record.name == SERVER and hasattr(error, _REPORTED):
        return True
    with suppress(AttributeError, TypeError):  # a frozen exception is reported twice
        setattr(error, _REPORTED, True)
    return False


def _request(request: dict[str, Any], route: str) -> dict[str, Any]:
    """The route replaces the path, in which a client may have written anything."""
    method = request.get("method", "GET")
    headers = {str(name).lower(): str(v) for name, v in (request.get("headers") or {}).items()}
    return {
        "method": method if method in METHODS else FILTERED,
        "url": route if route.startswith("/") else NO_ROUTE,
        "headers": _headers(headers),
    }


def _headers(headers: dict[str, str]) -> dict[str, str]:
    kept = {name: FILTERED for name in PRESENT if name in headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in MEDIA_TYPES:
        kept["content-type"] = media_type
    if re.fullmatch(r"\d{1,10}", headers.get("content-length", "")):
        kept["content-length"] = headers["content-length"]
    if products := _PRODUCTS.findall(headers.get("user-agent", "")):
        kept["user-agent"] = " ".join(f"{name}/{major}" for name, major in products)
    return kept


def _values(event: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return (event.get(name) or {}).get("values") or []


def _contexts(contexts: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = plain({k: v for k, v in contexts.items() if k not in CONTEXTS})
    for name, fields in CONTEXTS.items():
        values = contexts.get(name) or {}
        if known := {field: values[field] for field in fields if field in values}:
            kept[name] = known
    if data := kept.get("trace", {}).get("data"):
        kept["trace"]["data"] = _span_data(data)
    return kept


def _span_data(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name.startswith(SPAN_DATA)}


def _span(span: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in span.items() if name != "tags"}
    op, description = span.get("op") or "", str(span.get("description") or "")
    if op.startswith(("db.redis", "cache")):
        description = description.partition(" ")[0]  # without keys
    elif op == "db":
        description = _SQL_LITERAL.sub("?", description)
    elif op == "http.client":
        description = description.partition("?")[0]
    return kept | {"data": _span_data(span.get("data") or {}), "description": text(description)}
