"""What leaves for Sentry, by allow-list: what is not named here stays at home."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from celery import current_task
from django.utils.functional import SimpleLazyObject
from sentry_sdk.types import Breadcrumb, Event, Hint

from apps.core import context
from apps.core.logs import plain
from apps.core.sentry import given
from apps.core.sentry.given import FILTERED, Given

NO_ROUTE = "(no route)"
TAGS = ("request_id", "tournament_id", "match_id")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Headers whose presence says something; their values are nobody's business.
NAMED_HEADERS = ("authorization", "cookie", "idempotency-key", "origin", "referer", "x-csrftoken")
MEDIA_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)
_PRODUCTS = re.compile(
    r"\b(Chrome|Edg|Firefox|Safari|curl|Wget|python-httpx|python-requests|Go-http-client)/(\d{1,3})\b"
)
SPAN_DATA = ("code.", "db.name", "db.operation", "db.system", "http.response.", "messaging.",
             "thread.")  # fmt: skip
TOLD_IN_WORDS = ("data", "extra", "logentry", "message", "value")
SERVER = "daphne.server"  # logs what went through all of us, most of which is told by then
_TOLD = "__told_to_sentry__"


def error(event: Event, hint: Hint, *, send_usernames: bool) -> Event | None:
    if _is_told(hint):
        return None
    told = _told(event, send_usernames)
    places = [told, *_values(told, "breadcrumbs"), *_values(told, "exception")]
    words = [{name: one[name] for name in TOLD_IN_WORDS if name in one} for one in places]
    for place, redacted in zip(places, _redacted(words), strict=True):
        place.update(redacted)
    return told  # type: ignore[return-value]  # a TypedDict, read and written by name


def transaction(event: Event, hint: Hint, *, send_usernames: bool) -> Event:
    told = _told(event, send_usernames)
    told["spans"] = [_span(span) for span in told.get("spans") or []]
    told["extra"] = _redacted(told.get("extra") or {})
    return told  # type: ignore[return-value]


def breadcrumb(crumb: Breadcrumb, hint: Hint) -> Breadcrumb:
    """A query's parameters, a command's key, a URL's query: only category and text are kept, and of
    the text no more than what was done."""
    if crumb.get("category") in ("query", "redis", "httplib"):
        crumb.pop("data", None)
    if crumb.get("category") == "redis":
        crumb["message"] = _first_word(crumb.get("message"))
    return crumb


def _is_told(hint: Hint) -> bool:
    """Whether the server's log record says again what was told with all that is known of it."""
    fault = (hint.get("exc_info") or (None, None, None))[1]
    record = hint.get("log_record")
    was_told = hasattr(fault, _TOLD)
    if fault is not None:
        with suppress(AttributeError, TypeError):  # a frozen one is told twice rather than never
            setattr(fault, _TOLD, True)
    return was_told and record is not None and record.name == SERVER


def _values(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return (told.get(name) or {}).get("values") or []


def _redacted(words: Any) -> Any:
    """Without what the client sent, what the task at hand was given, and secrets of our own."""
    if client := given.current():
        words = client.redacted(words, also=_strings(_url_arguments(client)))
    if current_task:
        words = given.without(
            words, _strings(current_task.request.args, current_task.request.kwargs)
        )
    return given.each_text(words, plain.without_secrets)


def _strings(*values: Any) -> Iterator[str]:
    for value in values:
        match value:
            case str():
                yield value
            case dict():
                yield from _strings(*value.values())
            case list() | tuple():
                yield from _strings(*value)


def _told(event: Event, send_usernames: bool) -> dict[str, Any]:
    told: dict[str, Any] = dict(event)
    told.get("extra", {}).pop("celery-job", None)  # a task's arguments; its name is told anyway
    client, known = given.current(), context.current()
    if (told.get("transaction_info") or {}).get("source") == "url":
        told["transaction"], told["transaction_info"] = NO_ROUTE, {"source": "custom"}
    told.pop("request", None)
    if client is not None:
        told["request"] = _request(client, told.get("transaction") or NO_ROUTE)
        known = _numbers(_url_arguments(client)) | known
    tags = {name: known[name] for name in TAGS if name in known} | dict(told.get("tags") or {})
    told["tags"] = {name: str(value) for name, value in tags.items()}
    told["user"] = _user(told.get("user") or {}, known, client, send_usernames)
    return told


def _request(client: Given, route: str) -> dict[str, Any]:
    """The route stands for the path, in which a client may have put anything."""
    method = client.scope.get("method", "GET")
    return {
        "method": method if method in METHODS else FILTERED,
        "url": route if route.startswith("/") else NO_ROUTE,
        "headers": _headers(client.headers),
    }


def _headers(headers: dict[str, str]) -> dict[str, str]:
    kept = {name: FILTERED for name in NAMED_HEADERS if name in headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in MEDIA_TYPES:
        kept["content-type"] = media_type
    if re.fullmatch(r"\d{1,10}", headers.get("content-length", "")):
        kept["content-length"] = headers["content-length"]
    products = _PRODUCTS.findall(headers.get("user-agent", ""))
    if products:
        kept["user-agent"] = " ".join(f"{name}/{major}" for name, major in products)
    return kept


def _url_arguments(client: Given) -> dict[str, Any]:
    match = getattr(client.request, "resolver_match", None)
    return dict(match.kwargs) if match else {}


def _numbers(arguments: dict[str, Any]) -> dict[str, str]:
    """Ninja's routes take anything, and look at it later."""
    return {k: str(v) for k, v in arguments.items() if re.fullmatch(r"[0-9]{1,18}", str(v))}


def _user(
    set_by_hand: dict[str, Any], known: dict[str, Any], client: Given | None, send_usernames: bool
) -> dict[str, str]:
    """The id, and the name only where the operator wants it. Never an address."""
    signed_in = _signed_in(client)
    identifier = set_by_hand.get("id") or known.get("user_id") or getattr(signed_in, "pk", None)
    if identifier is None:
        return {}
    name = set_by_hand.get("username") or (signed_in.get_username() if signed_in else None)
    named = {"username": str(name)} if send_usernames and name else {}
    return {"id": str(identifier), **named}


def _signed_in(client: Given | None) -> Any:
    """Whoever the request turned out to come from: asking now would be a query."""
    request = client.request if client else None
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user if user is not None and user.is_authenticated else None


def _span(span: dict[str, Any]) -> dict[str, Any]:
    """A template's context and a session's key in the cache are data and words of spans too."""
    op, data = span.get("op") or "", span.get("data") or {}
    kept = {name: value for name, value in data.items() if name.startswith(SPAN_DATA)}
    told = {**span, "data": kept}
    told.pop("tags", None)
    if op.startswith(("db.redis", "cache")):
        told["description"] = _first_word(span.get("description"))
    elif op == "http.client":
        told["description"] = str(span.get("description")).partition("?")[0]
    return told


def _first_word(text: Any) -> str:
    return str(text or "").partition(" ")[0]
