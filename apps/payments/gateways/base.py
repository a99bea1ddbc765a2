"""The protocol of payment gateways. `gateway_for` returns the one in use for a payment method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Declares a payment provider. `name` is its value in the database, the API and metric labels.

    Either all `credentials` are set or none: they name settings, and environment variables. The
    class at `gateway` is called with their values, the base URL of the API and a timeout in
    seconds.
    """

    name: str
    display_name: str
    position: int  # in lists of payment methods
    gateway: str
    credentials: tuple[str, ...]
    api_base: str = ""

    def __post_init__(self) -> None:
        if not self.credentials:
            raise ValueError(f"{self.name} declares no credentials")

    @property
    def slug(self) -> str:
        return self.name.lower()

    @property
    def api_base_setting(self) -> str:
        return f"{self.name}_API_BASE"


class Outcome(StrEnum):
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


class ProviderError(Exception):
    """The provider failed or did not respond, so the outcome is unknown. `code` names the cause."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The payment provider failed: {code}")
        self.code = code


class InvalidWebhook(Exception):
    """The signature does not match, or the webhook is too old or malformed."""


@dataclass(frozen=True, kw_only=True)
class ChargeRequest:
    """An amount to charge, in minor units. Without a `source`, the payer enters it on the
    provider's page, which redirects to `return_url`. `provider_id` is empty until the provider has
    responded; the charge is not older than `created_at`."""

    reference: UUID
    created_at: datetime
    amount: int
    currency: str
    source: str = ""
    return_url: str = ""
    provider_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """`refund_id` is the provider's, empty until it has responded."""

    charge: ChargeRequest
    reference: UUID
    amount: int
    refund_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ProviderResult:
    """`approve_url` is the provider's page where the payer must act: empty where no action is
    required, None where the response does not contain it."""

    outcome: Outcome
    provider_id: str = ""
    approve_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProviderTransaction:
    """A charge in the provider's transaction report."""

    reference: UUID
    amount: int
    currency: str
    charged: bool
    refunded: int


@dataclass(frozen=True, kw_only=True)
class WebhookNotification:
    """A verified webhook. `outcome` is set for a charge, `refund_outcome` for a refund, and neither
    for any other event."""

    event_id: str
    name: str
    reference: str = ""
    provider_id: str = ""
    outcome: str = ""
    refund_outcome: str = ""
    refund_reference: str = ""
    refund_id: str = ""
    amount: int = 0


class Gateway(Protocol):
    """A request fails after `settings.PAYMENT_TIMEOUT_SECONDS`: send it by `http.http_client`. The
    reference is the idempotency key: a repeated request returns the first result and has no further
    effect. All methods but `parse_webhook` raise ProviderError alone."""

    report_delay: int  # seconds until a transaction is in the report

    def charge(self, request: ChargeRequest) -> ProviderResult: ...

    def retrieve(self, request: ChargeRequest) -> ProviderResult | None:
        """The current state of a charge, which is completed if the payer has approved it; None if
        the provider does not know it."""
        ...

    def cancel(self, request: ChargeRequest) -> ProviderResult | None:
        """Cancels a charge where that is still possible: DECLINED then, else its current state."""
        ...

    def refund(self, request: RefundRequest) -> ProviderResult:
        """DECLINED is final."""
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotification:
        """Raises InvalidWebhook, and ProviderError where verification is not possible now."""
        ...

    def list_transactions(self, start: datetime, end: datetime) -> Iterator[ProviderTransaction]:
        """Charges of this application that were created in this period."""
        ...
