"""MONITORING.md, "Sentry Integration": Sentry Dashboard Queries."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.guide.claims import guide
from tests.guide.sentry.application import ORIGIN, Application, requests_only
from tests.guide.sentry.searches import MATCHES, fires
from tests.programs import ROOT
from tests.sentry_capture import Capture

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
async def test_high_error_rate_finds_errors(application: Application) -> None:
    await application.ask("GET", "/fails")
    await application.ask("GET", "/by-hand")
    errors = results("High Error Rate", application.sent)
    assert {event["exception"]["values"][-1]["type"] for event in errors} == {"ZeroDivisionError"}
    assert len(errors) == 2  # neither the message nor the transactions


@guide(
    CHAPTER,
    "Query: event.type:transaction AND transaction.duration:>2000",
    "Shows requests slower than 2 seconds",
)
async def test_slow_transactions_finds_requests_slower_than_2_seconds(
    application: Application,
) -> None:
    await application.ask("GET", "/slow")
    await application.ask("GET", "/known")
    [transaction] = results("Slow Transactions", application.sent)
    assert transaction["transaction"] == "/slow"


@guide(
    CHAPTER,
    "Query: event.type:error AND tags[websocket]:true",
    "Custom tag set in consumer error handlers",
)
async def test_websocket_errors_finds_exceptions_of_consumers(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    socket = application.socket("/ws/tournaments/17/", host="testserver", origin=ORIGIN)
    await socket.connect()
    await application.ask("GET", "/fails")
    errors = results("WebSocket Errors", application.sent)
    assert [event["exception"]["values"][-1]["type"] for event in errors] == [
        "TypeError",
        "WebSocketRefused",
    ]


@guide(CHAPTER, "Threshold: > 100 errors/hour")
async def test_more_than_100_errors_in_an_hour_raise_the_alert() -> None:
    with requests_only(environment="production") as application:
        for _ in range(101):
            await application.ask("GET", "/fails")
        await application.ask("GET", "/known")
    errors = application.sent.events() + application.sent.transactions()
    assert ALERT["query"] == query("High Error Rate")
    assert fires(ALERT, errors)
    assert not fires(ALERT, errors[1:])
    an_hour_ago = datetime.now(UTC) - timedelta(minutes=61)
    assert not fires(ALERT, [{**errors[0], "timestamp": an_hour_ago.isoformat()}, *errors[1:]])
    assert not fires(ALERT, [{**event, "environment": "staging"} for event in errors])


async def test_a_flood_of_404_does_not_raise_the_alert() -> None:
    with requests_only(environment="production", traces_sample_rate=0.0) as application:
        for _ in range(300):
            assert (await application.ask("GET", "/nowhere")).status_code == 404
    assert len(application.sent.events()) == 1
    assert not fires(ALERT, application.sent.events())


def test_the_queries_are_those_of_the_guide_and_select_production() -> None:
    assert [query["query"] for query in QUERIES] == list(MATCHES)
    assert all(query["environment"] == ["production"] for query in QUERIES)
    assert ALERT["environment"] == "production"
