"""Adds to the OpenAPI document the error responses that every operation can have."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from apps.api.errors import CODES
from apps.api.schemas import ErrorOut

REF = "#/components/schemas/{model}"
ERROR = {"application/json": {"schema": {"$ref": REF.format(model="ErrorOut")}}}
SAFE_METHODS = ("get", "head", "options", "trace")
RETRY_AFTER = {
    "Retry-After": {"description": "Seconds until the next attempt.", "schema": {"type": "integer"}}
}

Operation = dict[str, Any]


class DocumentedAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        error = ErrorOut.model_json_schema(ref_template=REF)
        schema["components"]["schemas"] |= {**error.pop("$defs"), "ErrorOut": error}
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
    """409 is a DomainError of a write, 429 the rate limit of writes."""
    parameters = operation.get("parameters", [])
    if any(parameter["in"] == "path" for parameter in parameters):
        yield 404
    if parameters:
        yield 422
    if "requestBody" in operation:
        yield from (400, 413, 422)
    if method not in SAFE_METHODS:
        yield from (409, 429)
    if operation.get("security"):
        yield from (401, 403)
