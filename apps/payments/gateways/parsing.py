"""Takes apart what others sent: nothing in it is as we expect until it was looked at."""

import json
from typing import Any
from uuid import UUID

from apps.payments.gateways.base import WebhookRefused

LONGEST = 255
LONGEST_URL = 2048


def document(body: bytes) -> dict[str, Any]:
    """Raises WebhookRefused for what is no JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise WebhookRefused("no JSON") from fault
    if not isinstance(found, dict):
        raise WebhookRefused("no JSON object")
    return found


def at(value: Any, *path: str | int) -> Any:
    """What is down there, None where the way ends."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and len(value) > step:
            value = value[step]
        else:
            return None
    return value


def word(value: Any, *path: str | int) -> str:
    """A text that a column can hold, else nothing."""
    found = at(value, *path)
    fits = isinstance(found, str) and len(found) <= LONGEST and found.isprintable()
    return found if fits else ""


def url(value: Any, *path: str | int) -> str:
    """One that a browser may be sent to, else nothing."""
    found = at(value, *path)
    fits = isinstance(found, str) and len(found) <= LONGEST_URL and found.isascii()
    return found if fits and found.isprintable() and found.startswith("https://") else ""


def amount(value: Any, *path: str | int) -> int:
    """Minor units, 0 for what is no amount."""
    found = at(value, *path)
    is_amount = isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**53
    return found if is_amount else 0


def reference(value: Any, *path: str | int) -> str:
    """One that we could have given, else nothing."""
    try:
        return str(UUID(word(value, *path)))
    except ValueError:
        return ""


def named_amount(value: Any, *path: str | int) -> int:
    """Raises WebhookRefused."""
    found = amount(value, *path)
    if not found:
        raise WebhookRefused("no amount")
    return found


def named(value: Any, *path: str | int) -> str:
    """A text without which there is nothing to be done. Raises WebhookRefused."""
    found = word(value, *path)
    if not found:
        raise WebhookRefused(f"no {path[-1]}")
    return found
