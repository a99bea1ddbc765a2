"""The metrics of a request."""

from typing import Any

import pytest
from django.test import Client

from tests import samples

BY_METHOD = "django_http_requests_total_by_method"


@pytest.fixture(autouse=True)
def _test_views(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.core.urls"


def values_of(label: str) -> set[str]:
    labels = [dict(labels) for _, labels in samples.samples()]
    return {values[label] for values in labels if label in values}


def test_a_request_that_raises_is_counted_once() -> None:
    view = "django_http_requests_latency_seconds_by_view_method_count"
    exceptions = "django_http_exceptions_total_by_type_total"
    increases = [
        samples.increase(BY_METHOD, method="GET", status="500"),
        samples.increase("django_http_requests_latency_seconds_count"),
        samples.increase(view, view="boom", method="GET"),
        samples.increase(exceptions, type="ZeroDivisionError"),
    ]
    assert Client(raise_request_exception=False).get("/boom").status_code == 500
    assert [increase() for increase in increases] == [1, 1, 1, 1]


@pytest.mark.parametrize("method", ["BREW", "PROPFIND", "X" * 500])
def test_an_invented_method_is_not_a_label_value(method: str) -> None:
    requests = samples.increase(BY_METHOD, method="<invalid method>", status="200")
    Client().generic(method, "/whoami")
    assert requests() == 1
    assert method not in values_of("method")


def test_an_unknown_path_is_not_a_label_value() -> None:
    requests = samples.increase(BY_METHOD, method="GET", status="404")
    for number in range(5):
        Client().get(f"/nowhere-{number}")
    assert requests() == 5
    assert not [view for view in values_of("view") if "nowhere" in view]


@pytest.mark.parametrize("length", ["many", "-1", "1.5", "\u00b2"])
def test_a_non_numeric_content_length_is_not_an_error(length: str) -> None:
    assert Client().get("/whoami", CONTENT_LENGTH=length).status_code == 200
