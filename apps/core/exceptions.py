"""What a request can be refused with. Each app's own refusals stand in its `exceptions.py`.

Refusal
├── Unauthenticated   401
├── Forbidden         403
├── NotFound          404
├── Conflict          409  right in itself, but not in the state things are in
└── Invalid           422
NotInTransaction            a programming error: `record` was called outside a transaction
"""

from typing import ClassVar


class Refusal(Exception):
    """The caller's fault, and told to the caller: `code` for programs, `message` for people."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    message: ClassVar[str] = "The request cannot be carried out."

    def __init__(self, **fields: str) -> None:
        super().__init__(self.message)
        self.fields = fields


class Unauthenticated(Refusal):
    status = 401
    code = "unauthenticated"
    message = "Sign in, or send a token: `Authorization: Bearer TOKEN`."


class Forbidden(Refusal):
    status = 403
    code = "forbidden"
    message = "This is not yours to do."


class NotFound(Refusal):
    status = 404
    code = "not_found"
    message = "There is no such thing."


class Conflict(Refusal):
    status = 409
    code = "conflict"
    message = "This cannot be done now."


class Invalid(Refusal):
    status = 422
    code = "invalid"
    message = "Some fields are not acceptable."


class NotInTransaction(RuntimeError):
    pass
