"""A project with the configuration of MONITORING.md and unmodified libraries.

Prints its observations as JSON. Runs in a separate process, because it registers metrics.
"""

import asyncio
import json
import logging
import os
import re
from contextlib import suppress
from typing import Any

import django
import sentry_sdk
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from prometheus_client import Counter

from demo.guide.snippets import snippets


def fine(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("fine")


def fails(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("fine", fine),
    path("fails", fails),
    path("metrics/", include("django_prometheus.urls")),
]
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
client = Client(raise_request_exception=False)


def metrics() -> dict[str, Any]:
    Counter("labelled_total", "Has no series before its first use.", ["kind"])
    Counter("plain_total", "Has a second series with its creation time.")
    for _ in range(3):
        client.get("/fine")
        client.get("/fails")
    client.generic("INVENTED", "/fine")
    page = client.get("/metrics/metrics", headers=OPENMETRICS)
    return {
        "statuses": {url: client.get(url).status_code for url in ("/metrics/", "/metrics/metrics")},
        "length": client.get("/fine", CONTENT_LENGTH="many").status_code,
        "content_type": page["Content-Type"],
        "page": page.content.decode(),
    }


async def _connect_to_failing_consumer() -> None:
    class Failing(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            raise ZeroDivisionError

    with suppress(ZeroDivisionError):
        await WebsocketCommunicator(Failing.as_asgi(), "/").connect()


def sentry() -> dict[str, Any]:
    os.environ["SENTRY_TRACES_SAMPLE_RATE"] = "0.5"
    events: list[Any] = []
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        before_send=lambda event, hint: events.append(event),  # returns None: it is not sent
    )
    options = sentry_sdk.get_client().options
    counts = {}
    for name, act in {
        "404": lambda: client.get("/nowhere"),
        "500": lambda: client.get("/fails"),
        "consumer": lambda: asyncio.run(_connect_to_failing_consumer()),
    }.items():
        events.clear()
        act()
        counts[name] = len(events)
    used = {name: options[name] for name in ("traces_sample_rate", "environment")}
    sentry_sdk.get_client().close()
    return {"events": counts, **used}


def _consumer_of_the_guide() -> tuple[Any, Any]:
    """The gauge and the consumer, executed as the guide shows them."""
    blocks = [snippet.text for snippet in snippets() if "ws_connections_active" in snippet.text]
    definitions, consumer = (text for text in blocks if "import" in text)
    names: dict[str, Any] = {"AsyncWebsocketConsumer": AsyncWebsocketConsumer, "json": json}
    exec(definitions, names)
    exec(re.sub(r"^from apps.*$", "", consumer, flags=re.MULTILINE), names)
    return names["ws_connections_active"], names["TournamentConsumer"]


async def sockets() -> dict[str, Any]:
    gauge, consumer = _consumer_of_the_guide()
    error = ""
    try:
        await WebsocketCommunicator(consumer.as_asgi(), "/").connect()
    except AttributeError as raised:
        error = str(raised)
    consumer.tournament_id = "17"
    active = []
    for frame in ({"text_data": "{"}, {"text_data": "[]"}, {"bytes_data": b"x"}):
        socket = WebsocketCommunicator(consumer.as_asgi(), "/")
        await socket.connect()
        await socket.send_to(**frame)
        with suppress(ValueError, AttributeError, TypeError):
            await socket.receive_from()
        active.append(gauge.labels("17")._value.get())
    return {"error_as_written": error, "active": active}


def set_up() -> None:
    settings.configure(
        SECRET_KEY="not-used",
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django_prometheus", "django.contrib.contenttypes"],
        MIDDLEWARE=[
            "django_prometheus.middleware.PrometheusBeforeMiddleware",
            "django_prometheus.middleware.PrometheusAfterMiddleware",
        ],
        DATABASES={
            "default": {"ENGINE": "django_prometheus.db.backends.sqlite3", "NAME": ":memory:"}
        },
        LOGGING_CONFIG=None,
        ENABLE_PROMETHEUS=0,
        PROMETHEUS_METRICS_PATH="/elsewhere/",
    )
    django.setup()


if __name__ == "__main__":
    logging.disable()
    set_up()
    print(json.dumps({"metrics": metrics(), "sentry": sentry(), "sockets": asyncio.run(sockets())}))
