import pytest
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.views import defaults

from apps.core import context


@pytest.mark.parametrize(
    ("view", "status"),
    [
        ("server_error", 500),
        ("bad_request", 400),
        ("page_not_found", 404),
        ("permission_denied", 403),
    ],
)
def test_each_error_page_shows_the_request_id(view: str, status: int) -> None:
    request = RequestFactory().get("/")
    arguments = [] if status == 500 else [Exception()]
    with context.bound(request_id="the-id-of-this-request"):
        response = getattr(defaults, view)(request, *arguments)
    assert response.status_code == status
    assert b"the-id-of-this-request" in response.content


def test_the_icon_is_found_without_a_page(client: Client) -> None:
    path = client.get("/favicon.ico").headers["Location"]
    assert finders.find(path.removeprefix("/static/"))
