import logging
from dataclasses import dataclass
from typing import ClassVar

from apps.core.events import Audience, Event


@dataclass(frozen=True, kw_only=True)
class AccountEvent(Event):
    stream = "account:{user_id}"
    audience = Audience.PRIVATE
    level: ClassVar[int] = logging.INFO

    user_id: int


class AccountCreated(AccountEvent):
    name = "account.created"


class TokenIssued(AccountEvent):
    name = "account.token_issued"
