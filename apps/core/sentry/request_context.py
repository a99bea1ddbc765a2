"""What Sentry is told of a request and of who made it, by allow-list."""

import re
from typing import Any

from django.utils.functional import SimpleLazyObject

from apps.core.sentry.client_input import Given
from apps.core.sentry.redactor import FILTERED

NO_ROUTE = "(no route)"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Headers whose presence says something; their values are nobody's business.
NAMED_HEADERS = ("authorization", "cookie", "idempotency-key", "origin", "referer", "x-csrftoken")
MEDIA_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)
_PRODUCTS = re.compile(
    r"\b(Chrome|Edg|Firefox|Safari|curl|Wget|python-httpx|python-requests|Go-http-client)/(\d{1,3})\b"
)


def request(client: Given, route: str) -> dict[str, Any]:
    """The route stands for the path, in which a client may have put anything."""
    method = client.scope.get("method", "GET")
    return {
        "method": method if method in METHODS else FILTERED,
        "url": route if route.startswith("/") else NO_ROUTE,
        "headers": _headers(client.headers),
    }


def _headers(headers: dict[str, str]) -> dict[str, str]:
    kept = {name: FILTERED for name in NAMED_HEADERS if name in headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in MEDIA_TYPES:
        kept["content-type"] = media_type
    if re.fullmatch(r"\d{1,10}", headers.get("content-length", "")):
        kept["content-length"] = headers["content-length"]
    products = _PRODUCTS.findall(headers.get("user-agent", ""))
    if products:
        kept["user-agent"] = " ".join(f"{name}/{major}" for name, major in products)
    return kept


def numbers(arguments: dict[str, Any]) -> dict[str, str]:
    """Ninja's routes take anything, and look at it later."""
    return {k: str(v) for k, v in arguments.items() if re.fullmatch(r"[0-9]{1,18}", str(v))}


def user(
    set_by_hand: dict[str, Any], known: dict[str, Any], client: Given | None, send_usernames: bool
) -> dict[str, str]:
    """The id, and the name only where the operator wants it. Never an address."""
    signed_in = _signed_in(client)
    identifier = set_by_hand.get("id") or known.get("user_id") or getattr(signed_in, "pk", None)
    if identifier is None:
        return {}
    name = set_by_hand.get("username") or (signed_in.get_username() if signed_in else None)
    named = {"username": str(name)} if send_usernames and name else {}
    return {"id": str(identifier), **named}


def _signed_in(client: Given | None) -> Any:
    """Whoever the request turned out to come from: asking now would be a query."""
    request = client.request if client else None
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user if user is not None and user.is_authenticated else None
