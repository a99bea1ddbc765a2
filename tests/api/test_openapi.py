"""The OpenAPI document lists the error responses that every operation can have."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, dict[str, Any]]]:
    document = Client().get("/api/openapi.json").json()
    assert {"ErrorOut", "ErrorBody"} <= document["components"]["schemas"].keys()
    return [pair for path in document["paths"].values() for pair in path.items()]


def test_every_operation_lists_its_possible_errors(operations: Any) -> None:
    for method, operation in operations:
        possible = set()
        if operation.get("security"):
            possible |= {"401", "403"}
        if method != "get":
            possible |= {"409", "429"}
        if "requestBody" in operation:
            possible |= {"400", "413", "422"}
        if operation.get("parameters"):
            possible |= {"422"}
        assert possible <= operation["responses"].keys(), operation["operationId"]


def test_every_error_has_one_schema_and_every_429_has_retry_after(operations: Any) -> None:
    for _, operation in operations:
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorOut"}
            if status == "429":
                assert "Retry-After" in response["headers"]
