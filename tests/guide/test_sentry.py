"""MONITORING.md, "Sentry Integration": what is tracked, what is captured by hand, what is asked.

The application of `deltacrown/asgi.py` under a real SDK, whose transport keeps what it would send.
"""

import asyncio
import importlib
import json
import logging
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import sentry_sdk
from celery import shared_task
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.services import token_create
from apps.core import context, sentry
from apps.core.context import RequestContext
from apps.core.http.handler import OneHopHandler
from apps.core.sentry import floods
from apps.core.types import App
from apps.tournaments.services import tournament_create
from deltacrown import urls
from tests import envelopes, factories
from tests.envelopes import Kept
from tests.guide.sentry_queries import matches

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
QUERIES = json.loads((ROOT / "sentry" / "queries.json").read_text())
ORIGIN = "http://testserver"


@csrf_exempt
def fails(request: HttpRequest, **arguments: int) -> HttpResponse:
    raise ZeroDivisionError("no such luck")


def fails_by_user(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    raise ZeroDivisionError("no such luck")


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(2.05)
    return HttpResponse("at last")


def known(request: HttpRequest) -> JsonResponse:
    return JsonResponse(context.current())


@csrf_exempt
def made(request: HttpRequest) -> HttpResponse:
    tournament_create(organizer=factories.make_user(), **json.loads(request.body))
    raise ZeroDivisionError("after it was made")


def by_hand(request: HttpRequest) -> HttpResponse:
    """The guide's lines."""
    tournament_id = 17
    try:
        risky_operation()
    except Exception as e:
        sentry_sdk.capture_exception(e)
    sentry_sdk.add_breadcrumb(
        category="tournament",
        message="Bracket generation started",
        level="info",
        data={"tournament_id": 123},
    )
    sentry_sdk.set_tag("tournament_id", tournament_id)
    sentry_sdk.set_tag("match_type", "ELIMINATION")
    sentry_sdk.capture_message("Important event occurred", level="warning")
    return HttpResponse("captured")


def risky_operation() -> None:
    raise ZeroDivisionError("no such luck")


urlpatterns = [
    path("fails", fails),
    path("fails/by-user", fails_by_user),
    path("fails/<int:tournament_id>/<int:match_id>", fails),
    path("slow", slow),
    path("known", known),
    path("made", made),
    path("by-hand", by_hand),
    *urls.urlpatterns,
]


@shared_task(name="tests.failing_task")
def failing_task() -> None:
    raise ZeroDivisionError("no such luck")


@shared_task(name="tests.sleeping_task")
def sleeping_task(seconds: float = 0.06) -> None:
    time.sleep(seconds)


def trace_of(event: Any) -> str:
    return str(event["contexts"]["trace"]["trace_id"])


class Application:
    """`deltacrown.asgi`, wired as in a process that has a DSN."""

    def __init__(self, http: App, websocket: App) -> None:
        self._http, self._websocket = RequestContext(http), RequestContext(websocket)

    async def ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._http, raise_app_exceptions=False)
        base = "http://testserver"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, url, **request)

    def socket(self, path: str, **headers: str) -> WebsocketCommunicator:
        given = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        return WebsocketCommunicator(self._websocket, path, headers=given)


@pytest.fixture
def application(sent_to_sentry: Kept, settings: Any, tmp_path: Path) -> Application:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["apps.core.sentry.middleware.RequestMiddleware", *settings.MIDDLEWARE]
    context.replace({})
    settings.STATIC_ROOT = str(tmp_path)
    wired = importlib.reload(importlib.import_module("deltacrown.asgi"))
    return Application(wired.http, wired.websocket)


def requests_only() -> Application:
    """For tests that start Sentry themselves."""
    app = sentry.Requests(OneHopHandler())
    return Application(app, app)


def bearer(username: str) -> dict[str, str]:
    factories.make_user(username)
    _, secret = token_create(username=username, password=factories.PASSWORD)
    return {"authorization": f"Bearer {secret}"}


# --- What Sentry Tracks: 1. Errors & Exceptions ---------------------------------------------------


async def test_django_view_errors_500(application: Application, sent_to_sentry: Kept) -> None:
    answer = await application.ask("GET", "/fails", headers={"x-request-id": "the-request"})
    assert answer.status_code == 500
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["transaction"] == "/fails"
    assert event["tags"]["request_id"] == "the-request"


async def test_an_apis_unexpected_exception_is_one_too(
    application: Application, sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.selectors.tournament_get", None)
    assert (await application.ask("GET", "/api/tournaments/17")).status_code == 500
    [event] = sent_to_sentry.events()
    assert event["transaction"] == "/api/tournaments/{tournament_id}"


async def test_django_view_errors_404_come_as_one_event_with_a_count(
    application: Application, sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first at once, so that one who tries it sees it; the rest when the time is over."""
    monkeypatch.setattr(floods, "FIRST_SECONDS", 0.3)
    for url in ["/api/tournaments/999"] * 3 + ["/wp-login.php", "/api/nothing/at/all"]:
        assert (await application.ask("GET", url)).status_code == 404
    assert len(sent_to_sentry.events()) == 1
    await asyncio.sleep(0.4)
    first, rest = sent_to_sentry.events()
    assert rest["exception"]["values"] == [
        {"type": "NotFound", "value": "4 requests found nothing"}
    ]
    assert rest["contexts"]["counts"] == {
        "total": 4,
        "/api/tournaments/{tournament_id}": 2,
        "….php": 1,
        "/api/…": 1,
    }
    assert first["fingerprint"] == rest["fingerprint"]
    assert (rest["level"], rest["user"], "request" in rest) == ("warning", {}, False)


async def test_a_flood_of_404_is_told_less_and_less_often(
    application: Application, sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "FIRST_SECONDS", 0.1)
    ends = time.monotonic() + 1.0
    while time.monotonic() < ends:
        await application.ask("GET", "/nowhere")
    told = len(sent_to_sentry.events())
    assert 3 <= told <= 5  # at 0, 0.1, 0.3 and 0.7 seconds
    await asyncio.sleep(2.5)
    counts = [event["contexts"]["counts"]["total"] for event in sent_to_sentry.events()]
    assert counts[0] == 1
    assert sum(counts) > told  # nothing is lost


async def test_websocket_connection_failures(
    application: Application, sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refusals are the client's doing as often as it likes, and so come with a count."""
    monkeypatch.setattr(floods, "FIRST_SECONDS", 0.2)
    for _ in range(3):
        accepted, _code = await application.socket("/ws/tournaments/1/").connect()
        assert not accepted
    await asyncio.sleep(0.3)
    first, rest = sent_to_sentry.events()
    assert first["exception"]["values"][0]["type"] == "WebSocketRefused"
    assert rest["contexts"]["counts"] == {"total": 2, "unauthenticated": 2}
    assert rest["tags"]["websocket"] == "true"


async def test_a_websocket_that_fails_for_a_fault_of_ours(
    application: Application, sent_to_sentry: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    socket = application.socket("/ws/tournaments/17/", host="testserver", origin=ORIGIN)
    assert not (await socket.connect())[0]
    error, refused = sent_to_sentry.events()
    assert error["exception"]["values"][-1]["type"] == "TypeError"
    assert error["tags"].items() >= {"websocket": "true", "tournament_id": "17"}.items()
    assert error["transaction"] == "ws connect"
    assert refused["contexts"]["counts"] == {"total": 1, "error": 1}


def test_celery_task_failures(application: Application, sent_to_sentry: Kept) -> None:
    with pytest.raises(ZeroDivisionError):
        failing_task.apply(throw=True)
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["transaction"] == "tests.failing_task"
    assert event["tags"]["celery_task_id"]


# --- 2. Performance Transactions ------------------------------------------------------------------


async def test_http_request_duration(application: Application, sent_to_sentry: Kept) -> None:
    tournament = await database_sync_to_async(factories.make_tournament)()
    sent_to_sentry.envelopes.clear()
    await application.ask("GET", f"/api/tournaments/{tournament.pk}")
    [transaction] = sent_to_sentry.transactions()
    assert transaction["transaction"] == "/api/tournaments/{tournament_id}"
    assert transaction["transaction_info"]["source"] == "route"
    assert transaction["contexts"]["trace"]["op"] == "http.server"
    assert transaction["contexts"]["trace"]["data"]["http.response.status_code"] == 200
    assert transaction["start_timestamp"] < transaction["timestamp"]


async def test_database_query_performance(application: Application, sent_to_sentry: Kept) -> None:
    """Of queries made in a worker thread, for a request that came in on the event loop."""
    tournament = await database_sync_to_async(factories.make_tournament)()
    sent_to_sentry.envelopes.clear()
    await application.ask("GET", f"/api/tournaments/{tournament.pk}")
    [transaction] = sent_to_sentry.transactions()
    queries = [span for span in transaction["spans"] if span["op"] == "db"]
    assert any('FROM "tournaments_tournament"' in span["description"] for span in queries)
    assert all(span["start_timestamp"] < span["timestamp"] for span in queries)
    assert all(span["trace_id"] == trace_of(transaction) for span in queries)
    assert {span["data"]["db.system"] for span in queries} <= {"sqlite", "postgresql"}


async def test_websocket_message_latency(application: Application, sent_to_sentry: Kept) -> None:
    """One transaction for each message, all of one trace; none for the hours a socket is open."""
    tournament = await database_sync_to_async(factories.make_tournament)()
    sent_to_sentry.envelopes.clear()
    socket = application.socket(
        f"/ws/tournaments/{tournament.pk}/", host="testserver", origin=ORIGIN
    )
    assert (await socket.connect())[0]
    await socket.receive_json_from()
    for message in ({"type": "ping"}, {"type": "sync", "since": 0}):
        await socket.send_json_to(message)
        await socket.receive_json_from()
    await socket.disconnect()
    ping, sync = sent_to_sentry.transactions()
    assert [ping["transaction"], sync["transaction"]] == ["ws ping", "ws sync"]
    assert {one["contexts"]["trace"]["op"] for one in (ping, sync)} == {"websocket.server"}
    assert trace_of(ping) == trace_of(sync)
    assert (
        ping["tags"].items() >= {"websocket": "true", "tournament_id": f"{tournament.pk}"}.items()
    )


def test_celery_task_execution_time(application: Application, sent_to_sentry: Kept) -> None:
    sleeping_task.apply()
    [transaction] = sent_to_sentry.transactions()
    assert transaction["transaction"] == "tests.sleeping_task"
    assert transaction["transaction_info"]["source"] == "task"
    assert matches("event.type:transaction AND transaction.duration:>50", transaction)


async def test_profiles_come_with_transactions(settings: Any) -> None:
    """Of the worker thread that the view runs in."""
    settings.ROOT_URLCONF = __name__
    kept = envelopes.start(profiles_sample_rate=1.0)
    try:
        await requests_only().ask("GET", "/slow")
    finally:
        envelopes.stop()
    [profile] = kept.items("profile")
    functions = {frame.get("function") for frame in profile["profile"]["frames"]}
    assert "slow" in functions


# --- 3. User Context ------------------------------------------------------------------------------


async def test_user_id_if_authenticated(application: Application, sent_to_sentry: Kept) -> None:
    headers = await database_sync_to_async(bearer)("alice-in-person")
    sent_to_sentry.envelopes.clear()
    await application.ask("GET", "/api/wallet", headers=headers)
    await application.ask("GET", "/api/wallet")
    known, unknown = sent_to_sentry.transactions()
    assert known["user"].keys() == {"id"}
    assert unknown["user"] == {}
    assert "alice-in-person" not in sent_to_sentry.text()


async def test_the_user_of_a_page_is_known_by_session(
    application: Application, sent_to_sentry: Kept
) -> None:
    client = Client()
    user = await database_sync_to_async(factories.make_user)("bob-in-person")
    await database_sync_to_async(client.force_login)(user)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    await application.ask("GET", "/fails/by-user", headers={"cookie": cookie})
    [event] = sent_to_sentry.events()
    assert event["user"] == {"id": str(user.pk)}


async def test_request_headers(application: Application, sent_to_sentry: Kept) -> None:
    """Those that say something about the request; of the others, that they were there."""
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
    headers = {"user-agent": agent, "authorization": "Bearer x", "x-odd": "odd", "referer": "/"}
    await application.ask("POST", "/fails", headers=headers, json={"name": "Cup"})
    [event] = sent_to_sentry.events()
    assert event["request"]["method"] == "POST"
    assert event["request"]["headers"] == {
        "authorization": "[Filtered]",
        "referer": "[Filtered]",
        "content-type": "application/json",
        "content-length": "14",
        "user-agent": "Chrome/131 Safari/537",
    }


async def test_custom_tags_tournament_id_match_id(
    application: Application, sent_to_sentry: Kept
) -> None:
    """From the URL, in errors and transactions alike."""
    await application.ask("GET", "/fails/17/3")
    [event], [transaction] = sent_to_sentry.events(), sent_to_sentry.transactions()
    for one in (event, transaction):
        assert one["tags"].items() >= {"tournament_id": "17", "match_id": "3"}.items()


# --- Manual Event Capture -------------------------------------------------------------------------


async def test_capture_custom_exception(application: Application, sent_to_sentry: Kept) -> None:
    await application.ask("GET", "/by-hand")
    captured = sent_to_sentry.events()[0]
    assert captured["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert captured["level"] == "error"


async def test_add_breadcrumb_for_context(application: Application, sent_to_sentry: Kept) -> None:
    await application.ask("GET", "/by-hand")
    crumbs = sent_to_sentry.events()[-1]["breadcrumbs"]["values"]
    [crumb] = [one for one in crumbs if one["category"] == "tournament"]
    assert (crumb["message"], crumb["level"]) == ("Bracket generation started", "info")
    assert crumb["data"] == {"tournament_id": 123}


async def test_capture_message(application: Application, sent_to_sentry: Kept) -> None:
    await application.ask("GET", "/by-hand")
    event = sent_to_sentry.events()[-1]
    assert (event["message"], event["level"]) == ("Important event occurred", "warning")


@pytest.mark.parametrize("send_usernames", [False, True], ids=["id-only", "with-name"])
async def test_set_user_context(send_usernames: bool) -> None:
    """The name goes out only with SENTRY_SEND_USERNAMES=1."""
    kept = envelopes.start(send_usernames=send_usernames)
    try:
        with sentry_sdk.isolation_scope():
            sentry_sdk.set_user({"id": 7, "username": "carol", "email": "c@example.org"})
            sentry_sdk.capture_message("somebody")
    finally:
        envelopes.stop()
    [event] = kept.events()
    assert event["user"] == {"id": "7", **({"username": "carol"} if send_usernames else {})}


async def test_set_custom_tags(application: Application, sent_to_sentry: Kept) -> None:
    await application.ask("GET", "/by-hand")
    tags = sent_to_sentry.events()[-1]["tags"]
    assert tags.items() >= {"tournament_id": "17", "match_type": "ELIMINATION"}.items()


async def test_nothing_captured_by_hand_is_seen_in_the_next_request(
    application: Application, sent_to_sentry: Kept
) -> None:
    await application.ask("GET", "/by-hand")
    await application.ask("GET", "/fails")
    event = sent_to_sentry.events()[-1]
    assert "match_type" not in event["tags"]
    assert not [one for one in event["breadcrumbs"]["values"] if one["category"] == "tournament"]


async def test_what_is_recorded_is_a_breadcrumb_and_tags(
    application: Application, sent_to_sentry: Kept
) -> None:
    headers = await database_sync_to_async(bearer)("dave")
    body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
    await application.ask("POST", "/made", headers=headers, json=body)
    event = sent_to_sentry.events()[-1]
    categories = [crumb["category"] for crumb in event["breadcrumbs"]["values"]]
    assert "tournament.created" in categories
    assert event["tags"]["tournament_id"].isdecimal()


def test_logger_error_is_an_event_of_its_own(
    application: Application, sent_to_sentry: Kept
) -> None:
    try:
        raise ZeroDivisionError("declined")
    except ZeroDivisionError:
        logging.getLogger("apps.payments").exception("Payment processing failed")
    [event] = sent_to_sentry.events()
    assert event["logentry"]["message"] == "Payment processing failed"
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"


# --- User feedback --------------------------------------------------------------------------------


async def test_user_feedback_is_tied_to_the_request_that_failed(
    application: Application, sent_to_sentry: Kept
) -> None:
    answer = await application.ask("GET", "/fails")
    [event] = sent_to_sentry.events()
    identifier = sentry.feedback(
        "It broke as I paid.",
        request_id=answer.headers["x-request-id"],
        event_id=event["event_id"],
        email="erin@example.org",
    )
    [said] = sent_to_sentry.items("feedback")
    assert said["event_id"] == identifier
    assert said["tags"]["request_id"] == event["tags"]["request_id"]
    assert said["contexts"]["feedback"] == {
        "message": "It broke as I paid.",
        "contact_email": "erin@example.org",
        "associated_event_id": event["event_id"],
    }
    assert (said["environment"], said["release"]) == ("staging", "1.2.3")


def test_without_sentry_feedback_goes_nowhere() -> None:
    assert sentry.feedback("Hello?") is None


# --- Sampling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, 1.0])
@pytest.mark.parametrize("decision", ["0", "1"])
async def test_a_client_cannot_decide_whether_it_is_sampled(
    settings: Any, rate: float, decision: str
) -> None:
    settings.ROOT_URLCONF = __name__
    kept = envelopes.start(traces_sample_rate=rate)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {
        "sentry-trace": f"{trace}-00f067aa0ba902b7-{decision}",
        "baggage": f"sentry-trace_id={trace},sentry-sample_rate=1,sentry-sampled=true,"
        "sentry-sample_rand=0.000001,sentry-release=theirs",
        "traceparent": f"00-{trace}-00f067aa0ba902b7-0{decision}",
    }
    try:
        await requests_only().ask("GET", "/api/wallet", headers=headers)
    finally:
        envelopes.stop()
    assert len(kept.transactions()) == rate
    if rate:
        assert trace_of(kept.transactions()[0]) == trace  # its id is welcome
        assert kept.envelopes[0].headers["trace"]["release"] == "1.2.3"


@pytest.mark.usefixtures("tasks_in_process")
@pytest.mark.parametrize("sampled", [True, False])
def test_a_task_is_sampled_where_its_request_is(sampled: bool) -> None:
    """With half of all sampled, a task of its own would be half the time."""
    kept = envelopes.start(traces_sample_rate=0.5)
    try:
        for _ in range(12):
            with (
                sentry_sdk.isolation_scope(),
                sentry_sdk.start_transaction(name="a request", sampled=sampled),
            ):
                sleeping_task.apply_async(kwargs={"seconds": 0})
    finally:
        envelopes.stop()
    names = [one["transaction"] for one in kept.transactions()]
    assert names.count("tests.sleeping_task") == (12 if sampled else 0)


async def test_sentrys_trace_is_the_one_of_the_log_lines(
    application: Application, sent_to_sentry: Kept
) -> None:
    trace = (await application.ask("GET", "/known")).json()["trace_id"]
    [transaction] = sent_to_sentry.transactions()
    assert trace_of(transaction) == trace


# --- Sentry Dashboard Queries ---------------------------------------------------------------------


def query(name: str) -> str:
    [found] = [one["query"] for one in QUERIES if one["name"] == name]
    guide = (ROOT / "docs" / "MONITORING.md").read_text()
    assert f"- Query: `{found}`" in guide
    return str(found)


async def test_high_error_rate_finds_errors(application: Application, sent_to_sentry: Kept) -> None:
    await application.ask("GET", "/fails")
    await application.ask("GET", "/by-hand")
    sent = sent_to_sentry.events() + sent_to_sentry.transactions()
    found = [event for event in sent if matches(query("High Error Rate"), event)]
    assert {event["exception"]["values"][-1]["type"] for event in found} == {"ZeroDivisionError"}
    assert len(found) == 2  # neither the message nor the transactions


async def test_slow_transactions_finds_requests_slower_than_2_seconds(
    application: Application, sent_to_sentry: Kept
) -> None:
    await application.ask("GET", "/slow")
    await application.ask("GET", "/known")
    sent = sent_to_sentry.events() + sent_to_sentry.transactions()
    [found] = [event for event in sent if matches(query("Slow Transactions"), event)]
    assert found["transaction"] == "/slow"


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
