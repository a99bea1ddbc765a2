"""What goes wrong when Stripe is asked, in our words."""

from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from apps.payments.gateways.base import Unavailable

T = TypeVar("T")


class KeyRefused(Unavailable):
    """The idempotency key came before, with other parameters."""


def asked(call: Callable[[], T]) -> T:
    """What a caller can tell from a failure is passed on, the rest is Unavailable."""
    try:
        return call()
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.StripeError as fault:
        raise _unavailable(fault) from fault


def told(call: Callable[[], T]) -> T:
    try:
        return call()
    except stripe.StripeError as fault:
        raise _unavailable(fault) from fault


def fields(found: Any) -> dict[str, Any]:
    """Raises Unavailable for what is no object."""
    if not isinstance(found, stripe.StripeObject):
        raise Unavailable("malformed_answer")
    return found.to_dict()


def _unavailable(fault: stripe.StripeError) -> Unavailable:
    kind = KeyRefused if isinstance(fault, stripe.IdempotencyError) else Unavailable
    return kind(code_of(fault))


def code_of(fault: stripe.StripeError) -> str:
    return fault.code or type(fault).__name__
