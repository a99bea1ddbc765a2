"""
DomainError
├── Conflict: UsernameTaken
├── Invalid: WeakPassword
├── NotFound: TokenNotFound
├── TooManyRequests: LockedOut
└── Unauthenticated: BadCredentials, BadToken, ExpiredToken
"""

from apps.core.exceptions import Conflict, Invalid, NotFound, TooManyRequests, Unauthenticated


class UsernameTaken(Conflict):
    code = "username_taken"
    message = "That username is taken."


class WeakPassword(Invalid):
    code = "weak_password"
    message = "That password is too weak."


class TokenNotFound(NotFound):
    code = "token_not_found"
    message = "Token not found."


class LockedOut(TooManyRequests):
    code = "locked_out"
    message = "Too many failed sign-in attempts."


class BadCredentials(Unauthenticated):
    code = "bad_credentials"
    message = "Incorrect username or password."


class BadToken(Unauthenticated):
    code = "bad_token"
    message = "This token is not valid."


class ExpiredToken(Unauthenticated):
    code = "expired_token"
    message = "This token has expired."
