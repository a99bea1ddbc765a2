"""Fields of the current request, socket or task, which its log lines and Sentry events have."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_context: ContextVar[dict[str, Any]] = ContextVar("context", default={})  # noqa: B039 never mutated


def current() -> dict[str, Any]:
    return _context.get()


def request_id() -> str:
    return str(current().get("request_id", "-"))


def client() -> str:
    """The client's address; empty in a periodic task or a shell."""
    return str(current().get("client", ""))


def exemplar() -> dict[str, str] | None:
    """The current trace, as a histogram's observation carries it."""
    return {"trace_id": current()["trace_id"]} if "trace_id" in current() else None


def new_id() -> str:
    return uuid.uuid4().hex


def bind(**fields: Any) -> None:
    """Adds fields until the current request, socket or task ends."""
    _context.set(current() | fields)


def replace(fields: dict[str, Any]) -> None:
    _context.set(fields)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Adds fields for the block only."""
    token = _context.set(current() | fields)
    try:
        yield
    finally:
        _context.reset(token)
