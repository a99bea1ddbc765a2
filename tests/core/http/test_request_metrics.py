"""The metrics of a request."""

from typing import Any

import pytest
from django.test import Client

from tests import samples

BY_METHOD = "django_http_requests_total_by_method"


@pytest.fixture(autouse=True)
def _test_views(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.core.urls"


class Difference:
    def __init__(self) -> None:
        self.before = samples.samples()

    def of(self, name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return samples.samples().get(key, 0) - self.before.get(key, 0)

    def new_labels(self, label: str) -> set[str]:
        new = samples.samples().keys() - self.before.keys()
        return {dict(labels)[label] for _, labels in new if label in dict(labels)}


@pytest.fixture
def difference() -> Difference:
    return Difference()


def test_a_request_that_raises_is_counted_once(difference: Difference) -> None:
    answer = Client(raise_request_exception=False).get("/boom")
    assert answer.status_code == 500
    assert difference.of(BY_METHOD, method="GET", status="500") == 1
    assert difference.of("django_http_requests_latency_seconds_count") == 1
    view = "django_http_requests_latency_seconds_by_view_method_count"
    assert difference.of(view, view="boom", method="GET") == 1
    assert (
        difference.of("django_http_exceptions_total_by_type_total", type="ZeroDivisionError") == 1
    )


@pytest.mark.parametrize("method", ["BREW", "PROPFIND", "X" * 500])
def test_an_invented_method_is_not_a_label_value(method: str, difference: Difference) -> None:
    Client().generic(method, "/whoami")
    assert difference.new_labels("method") <= {"<invalid method>"}
    assert difference.of(BY_METHOD, method="<invalid method>", status="200") == 1


def test_an_unknown_path_is_not_a_label_value(difference: Difference) -> None:
    for number in range(5):
        Client().get(f"/nowhere-{number}")
    assert difference.of(BY_METHOD, method="GET", status="404") == 5
    assert not {view for view in difference.new_labels("view") if "nowhere" in view}


@pytest.mark.parametrize("length", ["many", "-1", "1.5", "\u00b2"])
def test_a_non_numeric_content_length_is_not_an_error(length: str) -> None:
    assert Client().get("/whoami", CONTENT_LENGTH=length).status_code == 200
