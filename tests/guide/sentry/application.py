"""The application of `deltacrown/asgi.py` in this process, with views and tasks that fail."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import sentry_sdk
from celery import shared_task
from channels.routing import ProtocolTypeRouter
from channels.testing import WebsocketCommunicator
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from apps.core import context, sentry
from apps.core.health import Probes
from apps.core.http.asgi_handler import OneHopHandler
from apps.core.http.request_context import RequestContext
from apps.core.prometheus.endpoint import MetricsEndpoint
from apps.core.sentry.aggregation import ClientErrorEvents
from apps.core.types import App
from apps.tournaments.services import tournament_create
from deltacrown import urls
from tests import factories
from tests.asgi import client_of
from tests.sentry_capture import Capture, capturing

ORIGIN = "http://testserver"
URLCONF = __name__


@csrf_exempt
def fails(request: HttpRequest, **arguments: int) -> HttpResponse:
    raise ZeroDivisionError("planted failure")


def fails_by_user(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    raise ZeroDivisionError("planted failure")


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(2.05)
    return HttpResponse("at last")


def known(request: HttpRequest) -> JsonResponse:
    return JsonResponse(context.current())


@csrf_exempt
def made(request: HttpRequest) -> HttpResponse:
    tournament_create(organizer=factories.make_user(), **json.loads(request.body))
    raise ZeroDivisionError("after the creation")


@csrf_exempt
def repeats(request: HttpRequest, where: str) -> HttpResponse:
    raise RuntimeError(f"cannot do {where} with {request.body.decode()}")


@csrf_exempt
def places(request: HttpRequest) -> HttpResponse:
    """The request body in an HTTP and an SQL span."""
    word = request.body.decode()
    with sentry_sdk.start_span(op="http.client", name=f"GET https://books.example/?of={word}"):
        pass
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{word}', title FROM games_game WHERE title = %s", [word])
    return HttpResponse()


def by_hand(request: HttpRequest) -> HttpResponse:
    """Executes the lines of the guide."""
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
    raise ZeroDivisionError("planted failure")


urlpatterns = [
    path("fails", fails),
    path("fails/by-user", fails_by_user),
    path("fails/<int:tournament_id>/<int:match_id>", fails),
    path("slow", slow),
    path("known", known),
    path("made", made),
    path("by-hand", by_hand),
    path("repeats/<where>", repeats),
    path("places", places),
    *urls.urlpatterns,
]


@shared_task(name="tests.failing_task")
def failing_task() -> None:
    raise ZeroDivisionError("planted failure")


@shared_task(name="tests.sleeping_task")
def sleeping_task(seconds: float = 0.06) -> None:
    time.sleep(seconds)


@shared_task(name="tests.failing_task_with_arguments")
def failing_task_with_arguments(
    secret: str, *, by_name: dict[str, list[str]], fails: bool = True
) -> None:
    if fails:
        raise RuntimeError("planted failure")


def trace_of(event: Any) -> str:
    return str(event["contexts"]["trace"]["trace_id"])


class Socket(WebsocketCommunicator):
    """With a timeout for busy machines; the default is one second."""

    async def receive_output(self, timeout: float = 30) -> Any:
        return await super().receive_output(max(timeout, 30))


class Application:
    """`deltacrown.asgi` without background jobs. `sent` has its Sentry envelopes."""

    def __init__(self, http: App, websocket: App, sent: Capture) -> None:
        self.sent = sent
        routed = ProtocolTypeRouter({"http": http, "websocket": websocket})
        self._app = RequestContext(Probes(MetricsEndpoint(routed)))

    async def ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        return await client_of(self._app).request(method, url, **request)

    def socket(self, path: str, **headers: str) -> Socket:
        encoded = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        return Socket(self._app, path, headers=encoded)


@contextmanager
def requests_only(**options: Any) -> Iterator[Application]:
    """Starts Sentry with these options."""
    app = sentry.Requests(ClientErrorEvents(OneHopHandler()))
    with override_settings(ROOT_URLCONF=URLCONF), capturing(**options) as sent:
        yield Application(app, app, sent)


def bearer(username: str) -> dict[str, str]:
    return factories.bearer(factories.make_user(username))
