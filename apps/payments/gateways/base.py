"""What we ask of a provider of payments, in our words. `gateway_for` gives the one in use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Declares a payment provider. `name` is its value in the database, the API and metric labels.

    All `credentials` must be set, or none: these are names of settings, and environment variables.
    The class at `gateway` is called with their values, the address of the API and a timeout in
    seconds.
    """

    name: str
    display_name: str
    position: int  # in lists of payment methods
    gateway: str
    credentials: tuple[str, ...]
    api_base: str = ""

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


class Unavailable(Exception):
    """The provider did not say how it ended. `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The payment provider failed: {code}")
        self.code = code


class WebhookRefused(Exception):
    """Nobody we know signed it, it is too old, or it cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be charged. Without a `source` the provider asks the payer on a page of its own,
    as it may with one, and sends them `back_to` us. `provider_id` is theirs, once they said it;
    nothing was made there before `created_at`."""

    reference: UUID
    created_at: datetime
    amount: int
    currency: str
    source: str = ""
    back_to: str = ""
    provider_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundOrder:
    """What is to be given back of a charge. `refund_id` is theirs, once they said it."""

    charge: Order
    reference: UUID
    amount: int
    refund_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`approve_at` is the provider's page on which the payer has to go on, empty where they have
    not, None where the answer does not say."""

    outcome: Outcome
    provider_id: str = ""
    approve_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A charge in the provider's book."""

    reference: UUID
    amount: int
    currency: str
    charged: bool
    refunded: int


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A webhook, verified and understood. About a charge it has an `outcome`, about a refund a
    `refund_outcome`, about anything else neither."""

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
    """Nothing here waits for longer than `settings.PAYMENT_TIMEOUT_SECONDS` for one answer.

    Asked again under the same reference, a provider answers as it did and does nothing twice.
    """

    book_lag: int  # seconds until its book has what it did

    def charge(self, order: Order) -> Answer:
        """Raises Unavailable."""
        ...

    def look_up(self, order: Order) -> Answer | None:
        """How a charge stands, which goes on if all it waited for was the payer's approval; None
        where the provider knows of none. Raises Unavailable."""
        ...

    def give_up(self, order: Order) -> Answer | None:
        """How a charge stands, DECLINED for one that is under way and can be called off: then
        nothing is charged. Raises Unavailable."""
        ...

    def refund(self, order: RefundOrder) -> Answer:
        """DECLINED is for good. Raises Unavailable."""
        ...

    def notice(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """Raises WebhookRefused, and Unavailable where what it takes to verify is out of reach."""
        ...

    def book(self, start: datetime, end: datetime) -> Iterator[Entry]:
        """Charges of ours made between the two. Raises Unavailable."""
        ...
