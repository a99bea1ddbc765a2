"""The request in an event, by allow-list."""

import re
from typing import Any

from apps.core.types import Scope

NO_ROUTE = "(no route)"
FILTERED = "[Filtered]"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Of these headers an event says that they were present.
PRESENT = ("authorization", "cookie", "idempotency-key", "origin", "referer", "x-csrftoken")
MEDIA_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data",
               "text/plain")  # fmt: skip
_PRODUCTS = re.compile(
    r"\b(Chrome|Edg|Firefox|Safari|curl|Wget|python-httpx|python-requests|Go-http-client)/(\d{1,3})\b"
)


def add_request(scope: Scope, event: Any) -> Any:
    headers = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
    event["request"] = {"method": scope.get("method", "GET"), "headers": headers}
    return event


def filtered(request: dict[str, Any], route: str) -> dict[str, Any]:
    """The route replaces the path, in which a client may have written anything."""
    method = request.get("method", "GET")
    headers = {str(name).lower(): str(v) for name, v in (request.get("headers") or {}).items()}
    return {
        "method": method if method in METHODS else FILTERED,
        "url": route if route.startswith("/") else NO_ROUTE,
        "headers": _headers(headers),
    }


def _headers(headers: dict[str, str]) -> dict[str, str]:
    kept = {name: FILTERED for name in PRESENT if name in headers}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in MEDIA_TYPES:
        kept["content-type"] = media_type
    if re.fullmatch(r"\d{1,10}", headers.get("content-length", "")):
        kept["content-length"] = headers["content-length"]
    if products := _PRODUCTS.findall(headers.get("user-agent", "")):
        kept["user-agent"] = " ".join(f"{name}/{major}" for name, major in products)
    return kept
