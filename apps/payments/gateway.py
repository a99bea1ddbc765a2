"""The provider that takes the money: a sandbox that decides by the token it is given.

    tok_visa, tok_mastercard, tok_paypal  succeed
    tok_declined                          is declined, as is everything it does not know

It answers the same for the same reference however often it is asked, as the real ones do.
"""

from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


ACCEPTED_SOURCES = frozenset({"tok_visa", "tok_mastercard", "tok_paypal"})


def charge(*, reference: UUID, amount: int, currency: str, source: str) -> Outcome:
    return Outcome.SUCCEEDED if source in ACCEPTED_SOURCES else Outcome.DECLINED
