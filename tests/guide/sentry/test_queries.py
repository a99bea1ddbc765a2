"""MONITORING.md, "Sentry Integration": Sentry Dashboard Queries."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import sentry_capture
from tests.guide.claims import guide
from tests.guide.sentry.application import ORIGIN, URLCONF, Application, requests_only
from tests.guide.sentry.searches import fires, matches
from tests.sentry_capture import Kept

ROOT = Path(__file__).parents[3]
QUERIES = json.loads((ROOT / "sentry" / "queries.json").read_text())
[ALERT] = json.loads((ROOT / "sentry" / "alerts.json").read_text())

CHAPTER = "Sentry Integration"
pytestmark = pytest.mark.django_db(transaction=True)


def query(name: str) -> str:
    [found] = [one["query"] for one in QUERIES if one["name"] == name]
    guide = (ROOT / "docs" / "MONITORING.md").read_text()
    assert f"- Query: `{found}`" in guide
    return str(found)


@guide(CHAPTER, "Query: event.type:error")
async def test_high_error_rate_finds_errors(application: Application, sent_to_sentry: Kept) -> None:
    await application.ask("GET", "/fails")
    await application.ask("GET", "/by-hand")
    sent = sent_to_sentry.events() + sent_to_sentry.transactions()
    found = [event for event in sent if matches(query("High Error Rate"), event)]
    assert {event["exception"]["values"][-1]["type"] for event in found} == {"ZeroDivisionError"}
    assert len(found) == 2  # neither the message nor the transactions


@guide(
    CHAPTER,
    "Query: event.type:transaction AND transaction.duration:>2000",
    "Shows requests slower than 2 seconds",
)
async def test_slow_transactions_finds_requests_slower_than_2_seconds(
    application: Application, sent_to_sentry: Kept
) -> None:
    await application.ask("GET", "/slow")
    await application.ask("GET", "/known")
    sent = sent_to_sentry.events() + sent_to_sentry.transactions()
    [found] = [event for event in sent if matches(query("Slow Transactions"), event)]
    assert found["transaction"] == "/slow"


@guide(
    CHAPTER,
    "Query: event.type:error AND tags[websocket]:true",
    "Custom tag set in consumer error handlers",
)
async def test_websocket_errors_finds_what_fails_in_a_consumer(
    application: Application, sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    socket = application.socket("/ws/tournaments/17/", host="testserver", origin=ORIGIN)
    await socket.connect()
    await application.ask("GET", "/fails")
    sent = sent_to_sentry.events() + sent_to_sentry.transactions()
    found = [event for event in sent if matches(query("WebSocket Errors"), event)]
    assert [event["exception"]["values"][-1]["type"] for event in found] == [
        "TypeError",
        "WebSocketRefused",
    ]


def test_there_are_no_queries_but_the_guides() -> None:
    assert [one["name"] for one in QUERIES] == [
        "High Error Rate",
        "Slow Transactions",
        "WebSocket Errors",
    ]


@pytest.fixture
async def errors(settings: Any) -> list[dict[str, Any]]:
    """101 of production, and what is none."""
    settings.ROOT_URLCONF = URLCONF
    kept = sentry_capture.start(environment="production")
    try:
        for _ in range(101):
            await requests_only().ask("GET", "/fails")
        await requests_only().ask("GET", "/known")
    finally:
        sentry_capture.stop()
    return kept.events() + kept.transactions()


@guide(CHAPTER, "Threshold: > 100 errors/hour")
async def test_more_than_100_errors_in_an_hour_raise_the_alert(
    errors: list[dict[str, Any]],
) -> None:
    assert ALERT["query"] == query("High Error Rate")
    assert fires(ALERT, errors)
    assert not fires(ALERT, errors[1:])
    an_hour_ago = datetime.now(UTC) - timedelta(minutes=61)
    assert not fires(ALERT, [{**errors[0], "timestamp": an_hour_ago.isoformat()}, *errors[1:]])
    assert not fires(ALERT, [{**one, "environment": "staging"} for one in errors])


async def test_a_flood_of_404_does_not_raise_the_alert(settings: Any) -> None:
    settings.ROOT_URLCONF = URLCONF
    kept = sentry_capture.start(environment="production", traces_sample_rate=0.0)
    application = requests_only()
    try:
        for _ in range(300):
            assert (await application.ask("GET", "/nowhere")).status_code == 404
    finally:
        sentry_capture.stop()
    assert len(kept.events()) == 1
    assert not fires(ALERT, kept.events())


def test_query_and_alert_look_at_production() -> None:
    assert {*[tuple(one["environment"]) for one in QUERIES], (ALERT["environment"],)} == {
        ("production",)
    }
