import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.core import context
from tests.sentry_capture import Capture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _failing_view(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.core.site_urls"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def feedback_form(visitor: Client, request_id: str = "the-failed-request") -> dict[str, str]:
    """The hidden fields of the error page."""
    with context.bound(request_id=request_id):
        page = visitor.get("/boom")
    assert page.status_code == 500
    return dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.content.decode()))


def test_feedback_is_sent_once_with_its_error(visitor: Client, sent_to_sentry: Capture) -> None:
    form = feedback_form(visitor) | {"message": "I pressed Enter twice.", "email": "a@example.org"}
    for _ in range(2):
        answer = visitor.post("/feedback", form)
        assert answer.headers["Location"] == "/feedback/sent"
    [error] = sent_to_sentry.events()
    [feedback] = sent_to_sentry.items("feedback")
    assert feedback["tags"]["request_id"] == error["tags"]["request_id"] == "the-failed-request"
    assert feedback["contexts"]["feedback"]["associated_event_id"] == error["event_id"]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"reference": "forged:1tXyZz:abc"}, "This form has expired."),
        ({"message": ""}, "This field is required."),
        ({"message": "x" * 4097}, "at most 4096 characters"),
        ({"email": "no-email"}, "valid email"),
    ],
)
def test_invalid_feedback_is_not_sent(
    visitor: Client, sent_to_sentry: Capture, field: dict[str, str], message: str
) -> None:
    form = feedback_form(visitor) | {"message": "It broke."} | field
    answer = visitor.post("/feedback", form)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert sent_to_sentry.items("feedback") == []


def test_without_sentry_there_is_no_feedback_form(visitor: Client) -> None:
    assert feedback_form(visitor) == {}
    assert Client().post("/feedback", {"message": "Hello?"}).status_code == 404


def report(body: str) -> int:
    return Client().post("/csp-report", body, content_type="application/csp-report").status_code


def test_a_csp_report_is_logged_without_query_strings(caplog: pytest.LogCaptureFixture) -> None:
    fields = {
        "effective-directive": "script-src",
        "blocked-uri": "https://elsewhere.example/x.js?secret=1",
        "document-uri": "x" * 10_000,
        "original-policy": "not logged",
    }
    assert report(json.dumps({"csp-report": fields})) == 204
    [line] = [line for line in caplog.records if "policy violated" in line.message]
    assert vars(line)["effective_directive"] == "script-src"
    assert vars(line)["blocked_uri"] == "https://elsewhere.example/x.js"
    assert len(vars(line)["document_uri"]) == 200
    assert "not logged" not in str(vars(line))


def test_csp_reports_are_rate_limited(caplog: pytest.LogCaptureFixture, settings: Any) -> None:
    settings.RATE_LIMITS = {"csp_reports": "30/year"}
    body = json.dumps({"csp-report": {"blocked-uri": "inline"}})
    with context.bound(client="198.19.0.1"):
        statuses = [report(body) for _ in range(40)]
    assert statuses == [204] * 30 + [429] * 10
    assert len([line for line in caplog.records if "policy violated" in line.message]) == 30


@pytest.mark.parametrize(
    "body",
    ["", "{", "null", "[]", '{"csp-report": null}', '{"csp-report": 7}', "[" * 9000, "x" * 20_000],
)
def test_a_malformed_csp_report_is_refused(body: str, caplog: pytest.LogCaptureFixture) -> None:
    assert report(body) == 400
    assert not [line for line in caplog.records if "policy violated" in line.message]
