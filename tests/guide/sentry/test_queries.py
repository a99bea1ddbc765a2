"""MONITORING.md, "Sentry Integration": Sentry Dashboard Queries."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.guide.claims import guide
from tests.guide.sentry.application import ORIGIN, URLCONF, Application, requests_only
from tests.guide.sentry.searches import MATCHES, fires
from tests.programs import ROOT
from tests.sentry_capture import Capture, capturing

QUERIES = json.loads((ROOT / "sentry" / "queries.json").read_text())
[ALERT] = json.loads((ROOT / "sentry" / "alerts.json").read_text())

CHAPTER = "Sentry Integration"
pytestmark = pytest.mark.django_db(transaction=True)


def query(name: str) -> str:
    """The query of this name in `sentry/queries.json`, which equals the guide's."""
    [text] = [query["query"] for query in QUERIES if query["name"] == name]
    assert f"- Query: `{text}`" in (ROOT / "docs" / "MONITORING.md").read_text()
    return str(text)


def results(name: str, kept: Capture) -> list[Any]:
    return list(filter(MATCHES[query(name)], kept.events() + kept.transactions()))


@guide(CHAPTER, "Query: event.type:error")
async def test_high_error_rate_finds_errors(
    application: Application, sent_to_sentry: Capture
) -> None:
    await application.ask("GET", "/fails")
    await application.ask("GET", "/by-hand")
    errors = results("High Error Rate", sent_to_sentry)
    assert {event["exception"]["values"][-1]["type"] for event in errors} == {"ZeroDivisionError"}
    assert len(errors) == 2  # neither the message nor the transactions


@guide(
    CHAPTER,
    "Query: event.type:transaction AND transaction.duration:>2000",
    "Shows requests slower than 2 seconds",
)
async def test_slow_transactions_finds_requests_slower_than_2_seconds(
    application: Application, sent_to_sentry: Capture
) -> None:
    await application.ask("GET", "/slow")
    await application.ask("GET", "/known")
    [transaction] = results("Slow Transactions", sent_to_sentry)
    assert transaction["transaction"] == "/slow"


@guide(
    CHAPTER,
    "Query: event.type:error AND tags[websocket]:true",
    "Custom tag set in consumer error handlers",
)
async def test_websocket_errors_finds_exceptions_of_consumers(
    application: Application, sent_to_sentry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    socket = application.socket("/ws/tournaments/17/", host="testserver", origin=ORIGIN)
    await socket.connect()
    await application.ask("GET", "/fails")
    errors = results("WebSocket Errors", sent_to_sentry)
    assert [event["exception"]["values"][-1]["type"] for event in errors] == [
        "TypeError",
        "WebSocketRefused",
    ]


@pytest.fixture
async def errors(settings: Any) -> list[dict[str, Any]]:
    """101 errors in production, and transactions."""
    settings.ROOT_URLCONF = URLCONF
    with capturing(environment="production") as kept:
        for _ in range(101):
            await requests_only().ask("GET", "/fails")
        await requests_only().ask("GET", "/known")
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
    assert not fires(ALERT, [{**event, "environment": "staging"} for event in errors])


async def test_a_flood_of_404_does_not_raise_the_alert(settings: Any) -> None:
    settings.ROOT_URLCONF = URLCONF
    application = requests_only()
    with capturing(environment="production", traces_sample_rate=0.0) as kept:
        for _ in range(300):
            assert (await application.ask("GET", "/nowhere")).status_code == 404
    assert len(kept.events()) == 1
    assert not fires(ALERT, kept.events())


def test_the_queries_are_those_of_the_guide_and_select_production() -> None:
    assert [query["query"] for query in QUERIES] == list(MATCHES)
    assert all(query["environment"] == ["production"] for query in QUERIES)
    assert ALERT["environment"] == "production"
