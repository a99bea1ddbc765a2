"""What people say about a fault of ours, and what their browsers do."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.core import context
from tests.sentry_capture import Kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _views_that_fail(settings: Any) -> Iterator[None]:
    from django.core.cache import cache

    settings.ROOT_URLCONF = "tests.core.site_urls"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def failed(visitor: Client, request_id: str = "the-failed-request") -> dict[str, str]:
    """The form of the page that says so."""
    with context.bound(request_id=request_id):
        page = visitor.get("/boom")
    assert page.status_code == 500
    fields = re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.content.decode())
    return dict(fields)


def test_words_about_a_fault_reach_sentry_next_to_it(visitor: Client, sent_to_sentry: Kept) -> None:
    form = failed(visitor) | {"message": "I pressed Enter twice.", "email": "a@example.org"}
    answer = visitor.post("/feedback", form)
    assert answer.headers["Location"] == "/feedback/sent"
    [fault] = sent_to_sentry.events()
    [said] = sent_to_sentry.items("feedback")
    assert said["tags"]["request_id"] == fault["tags"]["request_id"] == "the-failed-request"
    assert said["contexts"]["feedback"] == {
        "message": "I pressed Enter twice.",
        "contact_email": "a@example.org",
        "associated_event_id": fault["event_id"],
    }


def test_said_twice_it_is_told_once(visitor: Client, sent_to_sentry: Kept) -> None:
    form = failed(visitor) | {"message": "Once."}
    for _ in range(2):
        assert visitor.post("/feedback", form).status_code == 302
    assert len(sent_to_sentry.items("feedback")) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"about": "forged:1tXyZz:abc"}, "This form has expired."),
        ({"message": ""}, "This field is required."),
        ({"message": "x" * 4097}, "at most 4096 characters"),
        ({"email": "nobody"}, "valid email"),
    ],
)
def test_only_bounded_words_about_a_fault_that_one_met_are_taken(
    visitor: Client, sent_to_sentry: Kept, wrong: dict[str, str], says: str
) -> None:
    form = failed(visitor) | {"message": "It broke."} | wrong
    answer = visitor.post("/feedback", form)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert sent_to_sentry.items("feedback") == []


def test_without_sentry_there_is_no_form_and_nobody_to_tell(visitor: Client) -> None:
    assert failed(visitor) == {}
    assert Client().post("/feedback", {"message": "Hello?"}).status_code == 404


def test_a_broken_policy_is_logged_in_a_few_bounded_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report = {
        "effective-directive": "script-src",
        "blocked-uri": "https://elsewhere.example/x.js?secret=1",
        "document-uri": "x" * 10_000,
        "original-policy": "not of interest",
    }
    assert send(json.dumps({"csp-report": report})) == 204
    [line] = [one for one in caplog.records if "policy violated" in one.message]
    assert vars(line)["effective_directive"] == "script-src"
    assert vars(line)["blocked_uri"] == "https://elsewhere.example/x.js"
    assert len(vars(line)["document_uri"]) == 200
    assert "not of interest" not in str(vars(line))


def test_a_client_that_reports_without_end_does_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report = json.dumps({"csp-report": {"blocked-uri": "inline"}})
    with context.bound(client="198.19.0.1"):
        answers = [send(report) for _ in range(40)]
    assert answers == [204] * 30 + [429] * 10
    assert len([one for one in caplog.records if "policy violated" in one.message]) == 30


@pytest.mark.parametrize(
    "body",
    ["", "{", "null", "[]", '{"csp-report": null}', '{"csp-report": 7}', "[" * 9000, "x" * 20_000],
)
def test_what_is_no_report_is_refused(body: str, caplog: pytest.LogCaptureFixture) -> None:
    assert send(body) == 400
    assert not [one for one in caplog.records if "policy violated" in one.message]


def send(body: str) -> int:
    return Client().post("/csp-report", body, content_type="application/csp-report").status_code
