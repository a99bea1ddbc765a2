"""
Refusal
├── Conflict
│   └── UsernameTaken
├── Invalid
│   └── WeakPassword
└── Unauthenticated
    ├── BadCredentials
    ├── BadToken
    └── ExpiredToken
"""

from apps.core.exceptions import Conflict, Invalid, Unauthenticated


class UsernameTaken(Conflict):
    code = "username_taken"
    message = "Somebody has this name already."


class WeakPassword(Invalid):
    code = "weak_password"
    message = "The password is not good enough."


class BadCredentials(Unauthenticated):
    code = "bad_credentials"
    message = "Name or password is wrong."


class BadToken(Unauthenticated):
    code = "bad_token"
    message = "The token is not valid."


class ExpiredToken(Unauthenticated):
    code = "expired_token"
    message = "The token has expired: get a new one."
