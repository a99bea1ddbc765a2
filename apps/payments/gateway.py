"""The provider that takes the money: a sandbox that decides by the token it is given.

    tok_visa, tok_mastercard, tok_paypal  succeed
    tok_declined                          is declined, as is everything it does not know
    tok_unavailable                       raises Unavailable, as a provider that does not answer

It answers the same for the same reference however often it is asked, as the real ones do.
"""

from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


class Unavailable(Exception):
    """The provider did not say how it ended. `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The payment provider failed: {code}")
        self.code = code


ACCEPTED_SOURCES = frozenset({"tok_visa", "tok_mastercard", "tok_paypal"})


def charge(*, reference: UUID, amount: int, currency: str, source: str) -> Outcome:
    """Raises Unavailable."""
    if source == "tok_unavailable":
        raise Unavailable("service_unavailable")
    return Outcome.SUCCEEDED if source in ACCEPTED_SOURCES else Outcome.DECLINED
