"""Adds to the OpenAPI document the error responses that every operation can have."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from apps.api.errors import CODES

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
SAFE_METHODS = ("get", "head", "options", "trace")
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds until the next attempt.",
        "schema": {"type": "integer"},
    }
}

Operation = dict[str, Any]


class DocumentedAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for method, operation in path.items():
                _add_error_responses(method, operation)
        return schema


def _add_error_responses(method: str, operation: Operation) -> None:
    responses: dict[int, Any] = operation["responses"]
    for status in _error_statuses(method, operation):
        responses.setdefault(status, {"description": CODES[status][1], "content": ERROR})
    if 429 in responses:
        responses[429].setdefault("headers", RETRY_AFTER)
    operation["responses"] = dict(sorted(responses.items()))


def _error_statuses(method: str, operation: Operation) -> Iterator[int]:
    """403 is a missing CSRF token of a session, 429 the rate limit of writes."""
    if operation.get("security"):
        yield 401
        if method not in SAFE_METHODS:
            yield from (403, 429)
    if "requestBody" in operation:
        yield from (400, 413, 422)
    if operation.get("parameters"):
        yield 422
