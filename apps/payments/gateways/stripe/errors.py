"""Translates errors of Stripe's SDK."""

from collections.abc import Callable
from typing import Any, TypeVar

import stripe

from apps.payments.gateways.base import ProviderError

T = TypeVar("T")


class IdempotencyKeyInUse(ProviderError):
    """Stripe has seen the idempotency key with other parameters."""


def call(request: Callable[[], T]) -> T:
    """Raises ProviderError."""
    try:
        return call_with_rejections(request)
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise ProviderError(code_of(error)) from error


def call_with_rejections(request: Callable[[], T]) -> T:
    """As `call`, but CardError and InvalidRequestError pass through."""
    try:
        return request()
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.IdempotencyError as error:
        raise IdempotencyKeyInUse(code_of(error)) from error
    except stripe.StripeError as error:
        raise ProviderError(code_of(error)) from error


def to_dict(response: Any) -> dict[str, Any]:
    """Raises ProviderError where the response is not an object."""
    if not isinstance(response, stripe.StripeObject):
        raise ProviderError("malformed_response")
    return response.to_dict()


def code_of(error: stripe.StripeError) -> str:
    return error.code or type(error).__name__
