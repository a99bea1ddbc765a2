"""
DomainError
├── Conflict
│   └── UsernameTaken
├── Invalid
│   └── WeakPassword
├── NotFound
│   └── TokenNotFound
├── TooManyRequests
│   └── LockedOut
└── Unauthenticated
    ├── BadCredentials
    ├── BadToken
    └── ExpiredToken
"""

from apps.core.exceptions import Conflict, Invalid, NotFound, TooManyRequests, Unauthenticated


class UsernameTaken(Conflict):
    code = "username_taken"
    message = "Somebody has this name already."


class WeakPassword(Invalid):
    code = "weak_password"
    message = "The password is not good enough."


class TokenNotFound(NotFound):
    code = "token_not_found"
    message = "You have no such token."


class LockedOut(TooManyRequests):
    code = "locked_out"
    message = "The password was wrong too often. Try again later."


class BadCredentials(Unauthenticated):
    code = "bad_credentials"
    message = "Name or password is wrong."


class BadToken(Unauthenticated):
    code = "bad_token"
    message = "The token is not valid."


class ExpiredToken(Unauthenticated):
    code = "expired_token"
    message = "The token has expired: get a new one."
