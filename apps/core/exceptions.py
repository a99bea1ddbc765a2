"""What a request can be refused with. Each app's own refusals stand in its `exceptions.py`.

DomainError
├── Unauthenticated   401
├── Forbidden         403
├── NotFound          404
├── Conflict          409  right in itself, but not in the state things are in
├── Invalid           422
└── TooManyRequests   429  right in itself, but too often
"""

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.utils.text import capfirst


class DomainError(Exception):
    """The caller's fault, and told to the caller: `code` for programs, `message` for people."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    message: ClassVar[str] = "The request cannot be carried out."

    def __init__(self, **fields: str) -> None:
        super().__init__(self.message)
        self.fields = fields

    def in_full(self) -> str:
        """With what is said of each field, for who is not shown the fields."""
        why = (f"{capfirst(text)}." for text in self.fields.values())
        return " ".join([self.message, *why])


class Unauthenticated(DomainError):
    status = 401
    code = "unauthenticated"
    message = "Sign in, or send a token: `Authorization: Bearer TOKEN`."


class Forbidden(DomainError):
    status = 403
    code = "forbidden"
    message = "This is not yours to do."


class NotFound(DomainError):
    status = 404
    code = "not_found"
    message = "There is no such thing."


class Conflict(DomainError):
    status = 409
    code = "conflict"
    message = "This cannot be done now."


class Invalid(DomainError):
    status = 422
    code = "invalid"
    message = "Some fields are not acceptable."

    @classmethod
    def of(cls, fault: ValidationError) -> Self:
        """What Django's validation of a model says, by field; `all` is no field's."""
        told = fault.message_dict.items()
        return cls(**{name.strip("_"): " ".join(said) for name, said in told})


class TooManyRequests(DomainError):
    status = 429
    code = "rate_limited"
    message = "That was too often. Try again later."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after  # seconds
