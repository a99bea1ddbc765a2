"""What is known about the work at hand: the request id, the trace, and who and what it concerns.
The client's address as well, for the audit trail alone: see `logs.formats`.

Bound once where work enters (HTTP, socket, task), it is on every log line and Sentry event from
there on, in the worker threads too.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_context: ContextVar[dict[str, Any]] = ContextVar("context", default={})  # noqa: B039 never mutated
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_SENTRY_TRACE = re.compile(r"([0-9a-f]{32})-[0-9a-f]{16}(?:-[01])?")


def current() -> dict[str, Any]:
    return _context.get()


def request_id() -> str:
    return str(current().get("request_id", "-"))


def client() -> str:
    """The address that the work at hand came from, or nothing: a task of beat, a shell."""
    return str(current().get("client", ""))


def exemplar() -> dict[str, str] | None:
    """The trace at hand, as a histogram's observation carries it."""
    trace = current().get("trace_id")
    return {"trace_id": trace} if trace else None


def new_id() -> str:
    return uuid.uuid4().hex


def usable_id(candidate: str) -> str:
    """The caller's id where it is well formed, else a new one: ids end up in logs and headers."""
    return candidate if _ACCEPTABLE_ID.fullmatch(candidate) else new_id()


def trace_of(headers: Mapping[bytes, bytes]) -> str:
    """The caller's trace id, W3C's or Sentry's, or a new one."""
    for name, pattern in ((b"traceparent", _TRACEPARENT), (b"sentry-trace", _SENTRY_TRACE)):
        found = pattern.fullmatch(headers.get(name, b"").decode("latin1").strip())
        if found and found[1].strip("0"):
            return found[1]
    return new_id()


def bind(**fields: Any) -> None:
    """Adds fields for the rest of the work at hand."""
    _context.set(current() | fields)


def replace(fields: dict[str, Any]) -> None:
    """Puts back what `current` gave."""
    _context.set(fields)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Adds fields for the block only."""
    token = _context.set(current() | fields)
    try:
        yield
    finally:
        _context.reset(token)
