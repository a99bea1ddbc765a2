"""Errors that are the client's fault. Each app defines its own in `exceptions.py`.

DomainError
├── Unauthenticated   401
├── Forbidden         403
├── NotFound          404
├── Conflict          409  not possible in the current state
├── Invalid           422
└── TooManyRequests   429
"""

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.text import capfirst


class DomainError(Exception):
    """Returned to the client: `code` is for programs, `message` for people."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    message: ClassVar[str] = "That request failed."

    def __init__(self, **fields: str) -> None:
        super().__init__(self.message)
        self.fields = fields

    def full_message(self) -> str:
        """The message with the field errors, for callers that do not show them separately."""
        return " ".join([self.message, *self.field_sentences().values()])

    def field_sentences(self) -> dict[str, str]:
        return {name: f"{capfirst(text.rstrip('.'))}." for name, text in self.fields.items()}


class Unauthenticated(DomainError):
    status = 401
    code = "unauthenticated"
    message = "Sign in, or send a token: `Authorization: Bearer TOKEN`."


class Forbidden(DomainError):
    status = 403
    code = "forbidden"
    message = "You can't do that."


class NotFound(DomainError, Http404):
    """Django answers it with the page for 404."""

    status = 404
    code = "not_found"
    message = "Not found."


class Conflict(DomainError):
    status = 409
    code = "conflict"
    message = "That isn't possible right now."


class Invalid(DomainError):
    status = 422
    code = "invalid"
    message = "Some fields are invalid."

    @classmethod
    def from_validation_error(cls, error: ValidationError) -> Self:
        """Errors of a model by field. `all` has those of the whole model."""
        errors = error.message_dict.items()
        return cls(**{name.strip("_"): " ".join(texts) for name, texts in errors})


class TooManyRequests(DomainError):
    status = 429
    code = "rate_limited"
    message = "Too many attempts."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after  # seconds
