"""Events that Sentry receives, and the secrets that it does not."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import sentry_sdk
from channels.routing import URLRouter
from django.urls import path

from apps.core import context, sentry
from apps.core.http.asgi_handler import OneHopHandler
from apps.core.http.request_context import RequestContext
from apps.core.logging import redaction
from apps.core.types import Scope
from apps.core.websocket.consumer import Content
from apps.core.websocket.monitored import MonitoredConsumer
from tests.core.conftest import Client
from tests.guide.sentry.application import Socket
from tests.sentry_capture import Capture

# Django looks at each thread's connection when a request begins.
pytestmark = pytest.mark.django_db
CANARY = "canary-4242424242424242"


@pytest.fixture(autouse=True)
def _our_views(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.core.urls"


@pytest.fixture
def web(client_of: Client) -> Any:
    return client_of(RequestContext(sentry.Requests(OneHopHandler())))


async def test_a_views_error_arrives_once_with_what_is_known(
    sent_to_sentry: Capture, web: Any
) -> None:
    await web.get("/boom", headers={"x-request-id": "the-request"})
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert event["tags"]["request_id"] == "the-request"
    assert (event["environment"], event["release"]) == ("staging", "1.2.3")


async def test_no_secret_goes_over_the_wire(sent_to_sentry: Capture, web: Any) -> None:
    await web.post(
        f"/boom?token={CANARY}&card={CANARY}",
        json={"password": CANARY, "token": CANARY},
        headers={
            "authorization": f"Bearer {CANARY}",
            "cookie": f"sessionid={CANARY}; other={CANARY}",
            "idempotency-key": CANARY,
            "x-csrftoken": CANARY,
        },
    )
    await web.get(f"/whoami?token={CANARY}", headers={"authorization": f"Bearer {CANARY}"})
    assert sent_to_sentry.transactions()
    assert CANARY not in sent_to_sentry.text()


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


def test_without_a_dsn_nothing_is_sent() -> None:
    sentry.init(
        dsn="", environment="x", release=None, traces_sample_rate=1.0, profiles_sample_rate=1.0
    )
    assert not sentry.enabled()
    assert sentry_sdk.capture_message("into the void") is None


def test_how_much_is_sampled_goes_by_environment() -> None:
    assert sentry.SAMPLE_RATES == {"development": 1.0, "staging": 0.5, "production": 0.1}


def test_own_secrets_and_rows_of_the_database_are_not_sent(
    sent_to_sentry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYMENT_SECRET", "own-secret-of-ours-99")
    redaction.secrets.cache_clear()
    sentry_sdk.capture_message("own-secret-of-ours-99 at redis://:hunter22@cache")
    sentry_sdk.capture_message("refused\nDETAIL:  Failing row contains (7, alice, her-hash).")
    redaction.secrets.cache_clear()
    text = sent_to_sentry.text()
    assert "refused" in text
    assert [one for one in ("own-secret", "hunter22", "her-hash") if one in text] == []


def test_an_exception_without_attributes_is_sent(sent_to_sentry: Capture) -> None:
    @dataclass(frozen=True)
    class PlantedFailure(Exception):
        seat: int

    sentry_sdk.capture_exception(PlantedFailure(7))
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][0]["type"].endswith("PlantedFailure")
