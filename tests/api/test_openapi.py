"""What every operation can answer is in the document, though no operation says so itself."""

from typing import Any

import pytest
from django.test import Client

SAFE = ("get", "head")


@pytest.fixture(scope="module")
def document() -> Any:
    return Client().get("/api/openapi.json").json()


def operations(document: Any) -> list[tuple[str, dict[str, Any]]]:
    return [pair for path in document["paths"].values() for pair in path.items()]


def test_who_has_to_sign_in_may_be_told_so(document: Any) -> None:
    for method, operation in operations(document):
        if operation.get("security"):
            said = {"401"} if method in SAFE else {"401", "403", "429"}
            assert said <= operation["responses"].keys(), operation["operationId"]


def test_a_body_may_be_refused_in_three_ways(document: Any) -> None:
    for _, operation in operations(document):
        if "requestBody" in operation:
            assert {"400", "413", "422"} <= operation["responses"].keys()


def test_sign_up_and_sign_in_are_limited(document: Any) -> None:
    for path in ("/api/accounts/", "/api/accounts/token"):
        assert "429" in document["paths"][path]["post"]["responses"]


def test_every_429_says_when_to_come_again_and_every_error_has_one_shape(document: Any) -> None:
    for _, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorOut"}
            if status == "429":
                assert "Retry-After" in answer["headers"]
