"""What leaves for Sentry. Of requests, users and spans by allow-list: what is not named here stays
at home. What code says in words (messages, tags, contexts, breadcrumbs) goes without what the
client sent, what the task at hand was given, and secrets of our own.
"""

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from typing import Any

from celery import current_task
from sentry_sdk.types import Breadcrumb, Event, Hint

from apps.core import context
from apps.core.logging import redaction
from apps.core.sentry import client_input, input_parser, redactor, request_context

TAGS = ("request_id", "tournament_id", "match_id")
# Tags of our own, with values that say nothing of a client.
OWN_TAGS = (*TAGS[1:], "status_code", "websocket")
_OWN_VALUE = re.compile(r"[0-9]{1,18}|true")
# What the SDK itself writes: ids by which an event is found, a time, versions.
CONTEXTS = {
    "trace": ("trace_id", "span_id", "parent_span_id", "op", "origin", "status", "data",
              "dynamic_sampling_context"),
    "runtime": ("name", "version", "build"),
    "response": ("status_code",),
    "profile": ("profiler_id",),
}  # fmt: skip
SPAN_DATA = ("code.", "db.name", "db.operation", "db.system", "http.response.", "messaging.",
             "thread.")  # fmt: skip
# Of the SDK's spans, those whose description is a name in the code, as clients send such words too.
NAMES_IN_CODE = ("middleware.", "view.", "template.", "event.", "queue.")
_SQL_TEXT = re.compile(r"'(?:[^']|'')*'")
TOLD_IN_WORDS = ("data", "extra", "fingerprint", "logentry", "message", "value")
SERVER = "daphne.server"  # logs what went through all of us, most of which is told by then
_TOLD = "__told_to_sentry__"
Cut = Callable[[Any], Any]


def error(event: Event, hint: Hint, *, send_usernames: bool) -> Event | None:
    if _is_told(hint):
        return None
    cut = _cut()
    told = _told(event, cut, send_usernames)
    faults = _values(told, "exception")
    for place in (told, *_values(told, "breadcrumbs"), *faults):
        place.update({name: cut(place[name]) for name in TOLD_IN_WORDS if name in place})
    for fault in faults:
        if not _is_in_code(fault):
            fault["type"] = cut(fault.get("type"))
    return told  # type: ignore[return-value]  # a TypedDict, read and written by name


def transaction(event: Event, hint: Hint, *, send_usernames: bool) -> Event:
    cut = _cut()
    told = _told(event, cut, send_usernames)
    told["spans"] = [_span(span, cut) for span in told.get("spans") or []]
    told["extra"] = cut(told.get("extra") or {})
    return told  # type: ignore[return-value]  # likewise


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


def _is_in_code(fault: dict[str, Any]) -> bool:
    """Whether its type is one that a module defines, and not one named when it was raised: that is
    a word of ours, whoever else says it."""
    module = sys.modules.get(fault.get("module") or "builtins")
    return hasattr(module, str(fault.get("type")).partition(".")[0])


def _cut() -> Cut:
    changes: list[redactor.Change] = [redaction.without_secrets]
    if current_task:
        arguments = (current_task.request.args, current_task.request.kwargs)
        changes.insert(0, redactor.without(input_parser.in_members(arguments)))
    if client := client_input.current():
        changes.insert(0, client.taken_out())
    return lambda value: reduce(redactor.each_text, changes, value)


def _told(event: Event, cut: Cut, send_usernames: bool) -> dict[str, Any]:
    told: dict[str, Any] = dict(event)
    told.get("extra", {}).pop("celery-job", None)  # a task's arguments; its name is told anyway
    client, known = client_input.current(), context.current()
    if (told.get("transaction_info") or {}).get("source") == "url":
        told["transaction"], told["transaction_info"] = (
            request_context.NO_ROUTE,
            {"source": "custom"},
        )
    told.pop("request", None)
    if client is not None:
        told["request"] = request_context.request(
            client, told.get("transaction") or request_context.NO_ROUTE
        )
        known = request_context.numbers(client.url_arguments) | known
    told["tags"] = _tags(told.get("tags") or {}, known, cut)
    told["contexts"] = _contexts(told.get("contexts") or {}, cut)
    told["user"] = request_context.user(told.get("user") or {}, known, client, send_usernames)
    return told


def _tags(set_by_hand: dict[str, Any], known: dict[str, Any], cut: Cut) -> dict[str, str]:
    """The request's id may be the client's; what one looks like is `context`'s business."""
    given_tags = {name: str(value) for name, value in set_by_hand.items()}
    own = {name: str(known[name]) for name in TAGS if name in known}
    if "request_id" in own:
        given_tags.pop("request_id", None)
    for name in OWN_TAGS:
        if _OWN_VALUE.fullmatch(given_tags.get(name, "")):
            own[name] = given_tags.pop(name)
    return own | {name: value for name, value in cut(given_tags).items() if name not in own}


def _contexts(contexts: dict[str, Any], cut: Cut) -> dict[str, Any]:
    """Whatever `set_context` was given, and what the SDK writes there itself."""
    own = {}
    for name, fields in CONTEXTS.items():
        of_the_sdk = contexts.get(name) or {}
        own[name] = {field: of_the_sdk[field] for field in fields if field in of_the_sdk}
    if data := own["trace"].get("data"):
        own["trace"]["data"] = _span_data(data)
    others = {name: one for name, one in contexts.items() if name not in CONTEXTS}
    return {**cut(others), **{name: one for name, one in own.items() if one}}


def _span_data(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name.startswith(SPAN_DATA)}


def _span(span: dict[str, Any], cut: Cut) -> dict[str, Any]:
    """A template's context and a session's key in the cache are data and words of spans too."""
    told = {**span, "data": _span_data(span.get("data") or {})}
    told.pop("tags", None)
    if "description" in span:
        told["description"] = _description(span, str(span["description"] or ""), cut)
    return told


def _description(span: dict[str, Any], told: str, cut: Cut) -> str:
    """Of SQL only what stands in it as a text: the names of our tables and columns are words that
    clients send, and its parameters are not there."""
    op, by_sdk = span.get("op") or "", str(span.get("origin")).startswith("auto.")
    if op.startswith(("db.redis", "cache")):
        return _first_word(told)
    if op == "db":
        return _SQL_TEXT.sub(lambda text: str(cut(text[0])), told)
    if by_sdk and op.startswith(NAMES_IN_CODE):
        return told
    return str(cut(told.partition("?")[0] if op == "http.client" else told))


def _first_word(text: Any) -> str:
    return str(text or "").partition(" ")[0]
