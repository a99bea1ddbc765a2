"""MONITORING.md, "Sentry Integration": Manual Event Capture, log records and feedback."""

import logging

import pytest
import sentry_sdk
from channels.db import database_sync_to_async

from apps.core.sentry.feedback import send_feedback
from tests.guide.claims import guide
from tests.guide.sentry.application import Application, bearer
from tests.sentry_capture import capturing

CHAPTER = "Sentry Integration"
pytestmark = pytest.mark.django_db(transaction=True)


@guide(
    CHAPTER,
    "import sentry_sdk",
    "# Capture custom exception",
    "# Add breadcrumb for context",
    "# Capture message",
    "# Set custom tags",
)
async def test_what_the_code_of_the_guide_captures(application: Application) -> None:
    await application.ask("GET", "/by-hand")
    error, message = application.sent.events()
    assert error["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert error["level"] == "error"
    assert (message["message"], message["level"]) == ("Important event occurred", "warning")
    assert message["tags"].items() >= {"tournament_id": "17", "match_type": "ELIMINATION"}.items()
    crumbs = message["breadcrumbs"]["values"]
    [crumb] = [item for item in crumbs if item["category"] == "tournament"]
    assert (crumb["message"], crumb["level"]) == ("Bracket generation started", "info")
    assert crumb["data"] == {"tournament_id": 123}


@guide(CHAPTER, "# Set user context")
@pytest.mark.parametrize("send_usernames", [False, True], ids=["id-only", "with-name"])
async def test_set_user_context(send_usernames: bool) -> None:
    """The name goes out only with SENTRY_SEND_USERNAMES=1."""
    with capturing(send_usernames=send_usernames) as kept:
        sentry_sdk.set_user({"id": 7, "username": "carol", "email": "c@example.org"})
        sentry_sdk.capture_message("hello")
    [event] = kept.events()
    assert event["user"] == {"id": "7", **({"username": "carol"} if send_usernames else {})}


async def test_manual_tags_and_breadcrumbs_end_with_the_request(application: Application) -> None:
    await application.ask("GET", "/by-hand")
    await application.ask("GET", "/fails")
    event = application.sent.events()[-1]
    assert "match_type" not in event["tags"]
    assert not [item for item in event["breadcrumbs"]["values"] if item["category"] == "tournament"]


async def test_a_recorded_event_is_a_breadcrumb_with_tags(application: Application) -> None:
    headers = await database_sync_to_async(bearer)("dave")
    body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
    await application.ask("POST", "/made", headers=headers, json=body)
    event = application.sent.events()[-1]
    categories = [crumb["category"] for crumb in event["breadcrumbs"]["values"]]
    assert "tournament.created" in categories
    assert event["tags"]["tournament_id"].isdecimal()


def test_a_logged_error_is_an_event(application: Application) -> None:
    try:
        raise ZeroDivisionError("declined")
    except ZeroDivisionError:
        logging.getLogger("apps.payments").exception("Payment processing failed")
    [event] = application.sent.events()
    assert event["logentry"]["message"] == "Payment processing failed"
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"


async def test_user_feedback_refers_to_the_failed_request(application: Application) -> None:
    answer = await application.ask("GET", "/fails")
    [event] = application.sent.events()
    identifier = send_feedback(
        "It broke as I paid.",
        request_id=answer.headers["x-request-id"],
        event_id=event["event_id"],
        email="erin@example.org",
    )
    [feedback] = application.sent.items("feedback")
    assert feedback["event_id"] == identifier
    assert feedback["tags"]["request_id"] == event["tags"]["request_id"]
    assert feedback["contexts"]["feedback"] == {
        "message": "It broke as I paid.",
        "contact_email": "erin@example.org",
        "associated_event_id": event["event_id"],
    }
    assert (feedback["environment"], feedback["release"]) == ("staging", "1.2.3")


def test_without_sentry_feedback_is_discarded() -> None:
    assert send_feedback("Hello?") is None
