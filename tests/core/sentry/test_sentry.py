"""Events of sockets and of unusual exceptions."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
import sentry_sdk
from channels.routing import URLRouter
from django.urls import path

from apps.core import context, sentry
from apps.core.http.request_context import RequestContext
from apps.core.types import Scope
from apps.core.websocket.consumer import Content
from apps.core.websocket.monitored import MonitoredConsumer
from tests.guide.sentry.application import Socket
from tests.sentry_capture import Capture

# Django looks at each thread's connection when a request begins.
pytestmark = pytest.mark.django_db


class Fragile(MonitoredConsumer):
    def fields(self, scope: Scope) -> dict[str, int]:
        return {"tournament_id": scope["url_route"]["kwargs"]["tournament_id"]}

    async def fall(self, message: Content) -> None:
        context.bind(user_id=11)
        raise ZeroDivisionError("planted failure")

    handlers: ClassVar = {"fall": fall}


async def test_a_sockets_error_arrives_with_its_tags(sent_to_sentry: Capture) -> None:
    router = URLRouter([path("ws/<int:tournament_id>", Fragile.as_asgi())])
    headers = [(b"x-request-id", b"the-socket")]
    socket = Socket(RequestContext(sentry.Sockets(router)), "/ws/7", headers=headers)
    assert (await socket.connect())[0]
    await socket.send_to('{"type": "fall"}')
    assert (await socket.receive_output(5))["code"] == 1011
    await socket.wait(5)
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert (
        event["tags"].items()
        >= {
            "websocket": "true",
            "tournament_id": "7",
            "request_id": "the-socket",
        }.items()
    )
    assert event["user"] == {"id": "11"}


def test_an_exception_without_attributes_is_sent(sent_to_sentry: Capture) -> None:
    @dataclass(frozen=True)
    class PlantedFailure(Exception):
        seat: int

    sentry_sdk.capture_exception(PlantedFailure(7))
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][0]["type"].endswith("PlantedFailure")
