"""MONITORING.md, "Sentry Integration": What Sentry Tracks, User Context."""

import pytest
import sentry_sdk
from channels.db import database_sync_to_async
from django.test import Client

from tests import factories
from tests.guide.claims import guide
from tests.guide.sentry.application import Application, bearer

CHAPTER = "Sentry Integration"
pytestmark = pytest.mark.django_db(transaction=True)


@guide(CHAPTER, "User ID (if authenticated)")
async def test_user_id_if_authenticated(application: Application) -> None:
    headers = await database_sync_to_async(bearer)("alice-in-person")
    application.sent.envelopes.clear()
    await application.ask("GET", "/api/wallet", headers=headers)
    await application.ask("GET", "/api/wallet")
    known, unknown = application.sent.transactions()
    assert known["user"].keys() == {"id"}
    assert unknown["user"] == {}
    assert "alice-in-person" not in application.sent.text()


async def test_the_user_of_a_session_is_in_the_event(application: Application) -> None:
    client = Client()
    user = await database_sync_to_async(factories.make_user)("bob-in-person")
    await database_sync_to_async(client.force_login)(user)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    await application.ask("GET", "/fails/by-user", headers={"cookie": cookie})
    [event] = application.sent.events()
    assert event["user"] == {"id": str(user.pk)}


@guide(CHAPTER, "Request headers")
async def test_request_headers(application: Application) -> None:
    """Safe headers have a value, other standard ones are filtered, unknown ones omitted."""
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
    headers = {"user-agent": agent, "authorization": "Bearer x", "x-odd": "odd", "referer": "/"}
    await application.ask("POST", "/fails", headers=headers, json={"name": "Cup"})
    [event] = application.sent.events()
    assert event["request"]["method"] == "POST"
    assert event["request"]["headers"] == {
        "authorization": "[Filtered]",
        "referer": "[Filtered]",
        "content-type": "application/json",
        "content-length": "14",
        "user-agent": "Chrome/131 Safari/537",
    }


@guide(CHAPTER, "Custom tags (tournament_id, match_id, etc.)")
async def test_custom_tags_tournament_id_match_id(application: Application) -> None:
    """Errors and transactions have the ids of the URL as tags."""
    await application.ask("GET", "/fails/17/12345678")
    [event], [transaction] = application.sent.events(), application.sent.transactions()
    for item in (event, transaction):
        assert item["tags"].items() >= {"tournament_id": "17", "match_id": "12345678"}.items()


async def test_tags_of_another_scope_are_not_in_the_event(application: Application) -> None:
    """For example of a background job that started the server."""
    sentry_sdk.set_tag("match_id", "9")
    sentry_sdk.set_user({"id": "9"})
    await application.ask("GET", "/fails")
    for item in (*application.sent.events(), *application.sent.transactions()):
        assert "match_id" not in item["tags"]
        assert not item.get("user")
