"""Stripe's SDK with this application's HTTP client and errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe
from urllib3.exceptions import HTTPError, ReadTimeoutError

from apps.payments.gateways.base import Outcome, ProviderError
from apps.payments.gateways.http import http_client

CHARGES = {  # by the status of a PaymentIntent
    "succeeded": Outcome.SUCCEEDED,
    "canceled": Outcome.DECLINED,
    "requires_payment_method": Outcome.DECLINED,
}


class HttpClient(stripe.HTTPClient):
    name = "urllib3"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self._http = http_client(seconds)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_: Any,
    ) -> tuple[Any, int, Mapping[str, str]]:
        try:
            response = self._http.request(
                method, url, headers=headers, body=post_data, redirect=False
            )
        except HTTPError as error:
            # A request that took all its time is not repeated, or it would take twice the time.
            should_retry = not isinstance(error, ReadTimeoutError)
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                repr(error), should_retry=should_retry
            ) from error
        return response.data, response.status, response.headers


@contextmanager
def provider_errors() -> Iterator[None]:
    """Raises ProviderError for any error of the SDK. Also a decorator."""
    try:
        yield
    except stripe.StripeError as error:
        raise ProviderError(error.code or type(error).__name__) from error


def to_dict(response: Any) -> dict[str, Any]:
    if not isinstance(response, stripe.StripeObject):
        raise ProviderError("malformed_response")
    return response.to_dict()
