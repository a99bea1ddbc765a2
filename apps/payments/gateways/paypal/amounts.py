"""Converts between minor units and PayPal's decimal amounts."""

import re
from typing import Any

from apps.payments.gateways import parsing

_DECIMAL = re.compile(r"-?([0-9]{1,15})\.([0-9]{2})")


def to_paypal(amount: int, currency: str) -> dict[str, str]:
    """All supported currencies have two decimals."""
    return {"currency_code": currency, "value": f"{amount // 100}.{amount % 100:02}"}


def from_paypal(value: Any, *path: str | int) -> int:
    """The absolute amount, 0 where it is missing or malformed."""
    decimal = _DECIMAL.fullmatch(parsing.text(value, *path))
    return int(decimal[1] + decimal[2]) if decimal else 0
