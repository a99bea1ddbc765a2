"""Reads untrusted JSON: a value of the wrong type or length counts as missing."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from apps.payments.gateways.base import InvalidWebhook, Outcome, ProviderError, ProviderResult

MAX_LENGTH = 255
MAX_URL_LENGTH = 2048
T = TypeVar("T", str, int)


def parse_object(body: bytes) -> dict[str, Any]:
    """Raises InvalidWebhook unless the body is a JSON object in UTF-8, with unique keys."""
    try:
        parsed = json.loads(body.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InvalidWebhook("not JSON") from error
    if not isinstance(parsed, dict):
        raise InvalidWebhook("not a JSON object")
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two parsers could read different values from a repeated key."""
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        raise ValueError("a key is repeated")
    return parsed


def value_at(value: Any, *path: str | int) -> Any:
    """None where the path does not exist."""
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def text(value: Any, *path: str | int) -> str:
    """A string that fits a database column, else an empty one."""
    raw = value_at(value, *path)
    is_valid = isinstance(raw, str) and len(raw) <= MAX_LENGTH and raw.isprintable()
    return raw if is_valid else ""


def url(value: Any, *path: str | int) -> str:
    """An HTTPS URL, else an empty string."""
    raw = value_at(value, *path)
    is_valid = isinstance(raw, str) and len(raw) <= MAX_URL_LENGTH and raw.isascii()
    return raw if is_valid and raw.isprintable() and raw.startswith("https://") else ""


def amount(value: Any, *path: str | int) -> int:
    """Positive minor units, else 0."""
    raw = value_at(value, *path)
    is_amount = isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 2**53
    return raw if is_amount else 0


def reference(value: Any, *path: str | int) -> str:
    """A UUID, else an empty string."""
    try:
        return str(UUID(text(value, *path)))
    except ValueError:
        return ""


def required(value: T) -> T:
    """Raises InvalidWebhook for an empty string or 0."""
    if not value:
        raise InvalidWebhook("a required value is missing")
    return value


def result(response: Any, outcomes: Mapping[str, Outcome]) -> ProviderResult:
    """The outcome of its `status`. Raises ProviderError where `id` or `status` is missing."""
    provider_id, status = text(response, "id"), text(response, "status")
    if not provider_id or not status:
        raise ProviderError("malformed_response")
    outcome = outcomes.get(status, Outcome.PROCESSING)
    return ProviderResult(outcome=outcome, provider_id=provider_id)
