"""The guide's "Custom Log Messages": the application logs each of the three."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from stack.waiting import eventually_equal
from tests.api.served import Served, served
from tests.guide.claims import GUIDE, guide
from tests.guide.logging_tools import Line, lines_of

CHAPTER = "Logging Configuration"
THRESHOLD = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("logging")
    with served(folder, WS_WARN_CONNECTIONS=str(THRESHOLD)) as running:
        yield running


def lines(server: Served, message: str, **fields: object) -> list[Line]:
    return lines_of(server.log, message=message, **fields)


def only(server: Served, message: str, **fields: object) -> Line:
    eventually_equal(lambda: len(lines(server, message, **fields)), 1)  # a thread writes it
    [line] = lines(server, message, **fields)
    return line


def test_the_messages_are_those_of_the_guide() -> None:
    in_guide = re.findall(r"logger\.\w+\('(.+?)'", GUIDE.read_text())
    assert in_guide == [
        "Tournament created",
        "High WebSocket connection count",
        "Payment processing failed",
    ]


@guide(CHAPTER, "import logging", "logger = logging.getLogger(__name__)", "# Info level")
def test_tournament_created_has_tournament_id_user_id_and_game_title(server: Served) -> None:
    player = server.player()
    body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
    created = server.post("/api/tournaments/", body, by=player)
    line = only(server, "Tournament created", tournament_id=created["id"])
    assert line["level"] == "INFO"
    assert line["user_id"] == created["organizer"]["id"]
    assert line["game_title"] == "VALORANT"
    assert line["event"] == "tournament.created"
    assert line["logger"].startswith("apps.tournaments")


@guide(CHAPTER, "# Warning level")
def test_high_websocket_connection_count_has_tournament_id_and_connection_count(
    server: Served,
) -> None:
    tournament = server.opened(server.player())
    with ExitStack() as sockets:
        for _ in range(THRESHOLD):
            sockets.enter_context(server.connected(f"/ws/tournaments/{tournament}/"))
        assert not lines(server, "High WebSocket connection count", tournament_id=tournament)
        for _ in range(2):
            sockets.enter_context(server.connected(f"/ws/tournaments/{tournament}/"))
        line = only(server, "High WebSocket connection count", tournament_id=tournament)
    assert line["level"] == "WARNING"
    assert line["connection_count"] == THRESHOLD + 1


@guide(CHAPTER, "# Error level")
def test_payment_processing_failed_has_user_id_payment_method_error_code_and_stack_trace(
    server: Served,
) -> None:
    tournament = server.opened(server.player(), entry_fee=1000)
    player = server.player()
    registration = server.post(f"/api/tournaments/{tournament}/registrations", by=player)
    response = server.http.post(
        "/api/payments/",
        json={"registration_id": registration["id"], "method": "STRIPE",
              "token": "tok_unavailable"},
        headers=player | {"Idempotency-Key": "once", "X-Request-ID": "failing-payment"},
    )  # fmt: skip
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "provider_unavailable"
    line = only(server, "Payment processing failed", request_id="failing-payment")
    assert line["level"] == "ERROR"
    assert line["user_id"] == registration["player"]["id"]
    assert line["payment_method"] == "stripe"
    assert line["error_code"] == "service_unavailable"
    assert line["exc_info"].startswith("Traceback (most recent call last)")
    assert "in charge" in line["exc_info"]
    assert "ProviderError: The payment provider failed" in line["exc_info"]
    assert "tok_unavailable" not in str(line)
