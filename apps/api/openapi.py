"""What any operation of the API can answer besides what it says itself, documented in one place."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from apps.api.errors import CODES

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
SAFE = ("get", "head", "options", "trace")
RETRY_AFTER = {"Retry-After": {"description": "In so many seconds.", "schema": {"type": "integer"}}}

Operation = dict[str, Any]


class DocumentedAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: Operation) -> None:
    responses: dict[int, Any] = operation["responses"]
    for status in _possible(method, operation):
        about = {"description": CODES[status][1], "content": ERROR}
        responses.setdefault(status, about)
    if 429 in responses:
        responses[429].setdefault("headers", RETRY_AFTER)
    operation["responses"] = dict(sorted(responses.items()))


def _possible(method: str, operation: Operation) -> Iterator[int]:
    """A session needs CSRF's token for what changes something; and that is limited by user."""
    if operation.get("security"):
        yield 401
        if method not in SAFE:
            yield from (403, 429)
    if "requestBody" in operation:
        yield from (400, 413, 422)
    if operation.get("parameters"):
        yield 422
