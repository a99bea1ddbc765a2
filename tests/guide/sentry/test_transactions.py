"""MONITORING.md, "Sentry Integration": What Sentry Tracks, Performance Transactions."""

import pytest
from channels.db import database_sync_to_async

from tests import factories
from tests.guide.claims import guide
from tests.guide.sentry.application import (
    ORIGIN,
    Application,
    requests_only,
    sleeping_task,
    trace_of,
)
from tests.guide.sentry.searches import milliseconds

CHAPTER = "Sentry Integration"
pytestmark = pytest.mark.django_db(transaction=True)


@guide(CHAPTER, "HTTP request duration", "Database query performance")
async def test_http_request_duration_and_database_query_performance(
    application: Application,
) -> None:
    """The queries run in a worker thread, the request starts on the event loop."""
    tournament = await database_sync_to_async(factories.make_tournament)()
    application.sent.envelopes.clear()
    await application.ask("GET", f"/api/tournaments/{tournament.pk}")
    [transaction] = application.sent.transactions()
    assert transaction["transaction"] == "/api/tournaments/{tournament_id}"
    assert transaction["transaction_info"]["source"] == "route"
    assert transaction["contexts"]["trace"]["op"] == "http.server"
    assert transaction["contexts"]["trace"]["data"]["http.response.status_code"] == 200
    assert transaction["start_timestamp"] < transaction["timestamp"]
    queries = [span for span in transaction["spans"] if span["op"] == "db"]
    assert any('FROM "tournaments_tournament"' in span["description"] for span in queries)
    assert all(span["start_timestamp"] < span["timestamp"] for span in queries)
    assert all(span["trace_id"] == trace_of(transaction) for span in queries)
    assert {span["data"]["db.system"] for span in queries} <= {"sqlite", "postgresql"}


@guide(CHAPTER, "WebSocket message latency")
async def test_websocket_message_latency(application: Application) -> None:
    """One transaction for each message, all in one trace, and none for the connection."""
    tournament = await database_sync_to_async(factories.make_tournament)()
    application.sent.envelopes.clear()
    socket = application.socket(
        f"/ws/tournaments/{tournament.pk}/", host="testserver", origin=ORIGIN
    )
    assert (await socket.connect())[0]
    await socket.receive_json_from()
    for message in ({"type": "ping"}, {"type": "sync", "since": 0}):
        await socket.send_json_to(message)
        await socket.receive_json_from()
    await socket.disconnect()
    ping, sync = application.sent.transactions()
    assert [ping["transaction"], sync["transaction"]] == ["ws ping", "ws sync"]
    assert {message["contexts"]["trace"]["op"] for message in (ping, sync)} == {"websocket.server"}
    assert trace_of(ping) == trace_of(sync)
    assert ping["tags"]["websocket"] == "true"
    assert ping["tags"]["tournament_id"] == f"{tournament.pk}"


@guide(CHAPTER, "Celery task execution time")
def test_celery_task_execution_time(application: Application) -> None:
    sleeping_task.apply()
    [transaction] = application.sent.transactions()
    assert transaction["transaction"] == "tests.sleeping_task"
    assert transaction["transaction_info"]["source"] == "task"
    assert milliseconds(transaction) > 50


async def test_a_profile_has_the_worker_thread_of_the_view() -> None:
    with requests_only(profiles_sample_rate=1.0) as application:
        await application.ask("GET", "/slow")
    [profile] = application.sent.items("profile")
    functions = {frame.get("function") for frame in profile["profile"]["frames"]}
    assert "slow" in functions
