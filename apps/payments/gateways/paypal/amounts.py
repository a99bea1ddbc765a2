"""PayPal writes amounts with their decimals; ours are in minor units."""

import re
from typing import Any

from apps.payments.gateways import parsing
from apps.payments.gateways.base import WebhookRefused

_WRITTEN = re.compile(r"-?([0-9]{1,15})\.([0-9]{2})")


def told(amount: int, currency: str) -> dict[str, str]:
    """All our currencies have two decimals."""
    return {"currency_code": currency, "value": f"{amount // 100}.{amount % 100:02}"}


def read(value: Any, *path: str | int) -> int:
    """Without its sign, 0 for what is no amount."""
    written = _WRITTEN.fullmatch(parsing.word(value, *path))
    return int(written[1] + written[2]) if written else 0


def named(value: Any, *path: str | int) -> int:
    """Raises WebhookRefused."""
    found = read(value, *path)
    if not found:
        raise WebhookRefused("no amount")
    return found
