"""MONITORING.md, "Sentry Integration": What Sentry Tracks, Errors & Exceptions."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sentry_sdk

from apps.core.sentry import aggregation
from tests.guide.claims import guide
from tests.guide.sentry.application import ORIGIN, Application, failing_task
from tests.sentry_capture import Capture

CHAPTER = "Sentry Integration"


class Clock:
    """Stands in for the event loop's. Time passes by `ring`."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._pending: list[Callable[[], None]] = []

    def get_running_loop(self) -> "Clock":
        return self

    def call_later(self, seconds: float, callback: Callable[[], None]) -> object:
        self.delays.append(seconds)
        self._pending.append(callback)
        return callback

    def ring(self) -> None:
        pending, self._pending = self._pending, []
        for callback in pending:
            callback()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(aggregation, "asyncio", clock)
    return clock


pytestmark = pytest.mark.django_db(transaction=True)


@guide(CHAPTER, "Django view errors (500, 404)")
async def test_django_view_errors_500(application: Application) -> None:
    answer = await application.ask("GET", "/fails", headers={"x-request-id": "the-request"})
    assert answer.status_code == 500
    [event] = application.sent.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["transaction"] == "/fails"
    assert event["tags"]["request_id"] == "the-request"
    assert event["contexts"]["runtime"]["name"] == "CPython"


async def test_an_unexpected_exception_of_the_api_is_an_event(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.selectors.tournament_get", None)
    assert (await application.ask("GET", "/api/tournaments/17")).status_code == 500
    [event] = application.sent.events()
    assert event["transaction"] == "/api/tournaments/{tournament_id}"


@guide(CHAPTER, "Django view errors (500, 404)")
async def test_django_view_errors_404_come_as_one_event_with_a_count(
    application: Application, clock: Clock
) -> None:
    """The first immediately, so that a developer who tries it sees it; the rest after a delay."""
    for url in ["/api/tournaments/999"] * 3 + ["/wp-login.php", "/api/nothing/at/all"]:
        assert (await application.ask("GET", url)).status_code == 404
    assert len(application.sent.events()) == 1
    clock.ring()
    first, rest = application.sent.events()
    assert rest["exception"]["values"] == [
        {"type": "NotFound", "value": "4 requests found nothing"}
    ]
    assert rest["contexts"]["counts"] == {
        "total": 4,
        "/api/tournaments/{tournament_id}": 2,
        "(no route)": 2,
    }
    assert first["fingerprint"] == rest["fingerprint"]
    assert (rest["level"], rest["user"], "request" in rest) == ("warning", {}, False)


async def test_a_flood_of_404_is_reported_with_growing_delays(
    application: Application, clock: Clock
) -> None:
    for _ in range(9):
        for _ in range(2):
            await application.ask("GET", "/nowhere")
        clock.ring()
    assert clock.delays == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    counts = [event["contexts"]["counts"]["total"] for event in application.sent.events()]
    assert counts == [1, 1] + [2] * 8  # nothing is lost


@guide(CHAPTER, "WebSocket connection failures")
async def test_websocket_connection_failures(application: Application, clock: Clock) -> None:
    """A client can cause any number of rejections, so they are reported with a count."""
    for _ in range(3):
        accepted, _code = await application.socket("/ws/tournaments/1/").connect()
        assert not accepted
    clock.ring()
    first, rest = application.sent.events()
    assert first["exception"]["values"][0]["type"] == "WebSocketRefused"
    assert rest["contexts"]["counts"] == {"total": 2, "unauthenticated": 2}
    assert rest["tags"]["websocket"] == "true"


@guide(CHAPTER, "WebSocket connection failures")
async def test_a_websocket_that_fails_with_an_exception(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    socket = application.socket("/ws/tournaments/17/", host="testserver", origin=ORIGIN)
    assert not (await socket.connect())[0]
    error, refused = application.sent.events()
    assert error["exception"]["values"][-1]["type"] == "TypeError"
    assert error["tags"].items() >= {"websocket": "true", "tournament_id": "17"}.items()
    assert error["transaction"] == "ws connect"
    assert refused["contexts"]["counts"] == {"total": 1, "error": 1}


@guide(CHAPTER, "Celery task failures")
def test_celery_task_failures(application: Application) -> None:
    with pytest.raises(ZeroDivisionError):
        failing_task.apply(throw=True)
    [event] = application.sent.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["transaction"] == "tests.failing_task"
    assert event["tags"]["celery_task_id"]


async def test_an_error_before_any_consumer_is_an_event(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.core.websocket.auth.is_own_origin", None)
    socket = application.socket("/ws/tournaments/17/", host="testserver", origin=ORIGIN)
    await socket.send_input({"type": "websocket.connect"})
    with pytest.raises(TypeError):
        await socket.wait(30)
    [event] = application.sent.events()
    assert event["exception"]["values"][-1]["type"] == "TypeError"
    assert event["tags"]["websocket"] == "true"


def test_an_error_that_only_the_server_logs_is_an_event(sent_to_sentry: Capture) -> None:
    """An error in a scrape, for example. The error of a view comes once, with its request."""
    captured, uncaptured = ZeroDivisionError("in a view"), ZeroDivisionError("in a scrape")
    sentry_sdk.capture_exception(captured)
    for error in (captured, uncaptured, captured):
        logger = logging.getLogger("daphne.server")
        logger.error("Exception inside application: %s", error, exc_info=error)
    values = [event["exception"]["values"][-1]["value"] for event in sent_to_sentry.events()]
    assert values == ["in a view", "in a scrape"]


def test_an_exception_without_attributes_is_sent(sent_to_sentry: Capture) -> None:
    @dataclass(frozen=True)
    class PlantedFailure(Exception):
        seat: int

    sentry_sdk.capture_exception(PlantedFailure(7))
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][0]["type"].endswith("PlantedFailure")
