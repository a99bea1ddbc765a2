"""The guide's "Custom Log Messages": each of the three, from the code that has cause to say it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from stack.waiting import eventually
from tests.api.served import Served, served
from tests.guide.claims import guide
from tests.guide.logging_tools import GUIDE, Line, parsed

CHAPTER = "Logging Configuration"
CROWD = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("logging")
    with served(folder, WS_WARN_CONNECTIONS=str(CROWD)) as running:
        yield running


def lines(server: Served, message: str, **fields: object) -> list[Line]:
    """The lines with that message and these fields."""
    parsed_lines = [parsed(text) for text in server.log.read_text().splitlines()]
    expected = {"message": message, **fields}
    return [line for line in parsed_lines if expected.items() <= line.items()]


def only(server: Served, message: str, **fields: object) -> Line:
    [line] = lines(server, message, **fields)
    assert f"'{message}'" in GUIDE
    return line


class TestInfoLevel:
    @guide(CHAPTER, "import logging", "logger = logging.getLogger(__name__)", "# Info level")
    def test_tournament_created_has_tournament_id_user_id_and_game_title(
        self, server: Served
    ) -> None:
        player = server.player()
        body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
        created = server.post("/api/tournaments/", body, by=player)
        line = only(server, "Tournament created", tournament_id=created["id"])
        assert line["level"] == "INFO"
        assert line["user_id"] == created["organizer"]["id"]
        assert line["game_title"] == "VALORANT"
        assert line["event"] == "tournament.created"
        assert line["logger"].startswith("apps.tournaments")

    def test_every_other_event_is_logged_in_the_same_way(self, server: Served) -> None:
        cup = server.opened(server.player())
        server.post(f"/api/tournaments/{cup}/registrations", by=server.player())
        [opened] = lines(server, "Tournament opened", tournament_id=cup)
        [registered] = lines(server, "Registration created", tournament_id=cup)
        assert (opened["event"], registered["event"]) == (
            "tournament.opened",
            "registration.created",
        )


class TestWarningLevel:
    @guide(CHAPTER, "# Warning level")
    def test_high_websocket_connection_count_has_tournament_id_and_connection_count(
        self, server: Served
    ) -> None:
        cup = server.opened(server.player())
        with ExitStack() as sockets:
            for _ in range(CROWD):
                sockets.enter_context(server.connected(f"/ws/tournaments/{cup}/"))
            assert not lines(server, "High WebSocket connection count", tournament_id=cup)
            for _ in range(2):
                sockets.enter_context(server.connected(f"/ws/tournaments/{cup}/"))
            line = only(server, "High WebSocket connection count", tournament_id=cup)
        assert line["level"] == "WARNING"
        assert line["connection_count"] == CROWD + 1

    def test_it_is_logged_again_only_after_the_crowd_had_gone(self, server: Served) -> None:
        cup = server.opened(server.player())
        message = "High WebSocket connection count"
        for crowds in (1, 2):
            with ExitStack() as sockets:
                for _ in range(CROWD + 1):
                    sockets.enter_context(server.connected(f"/ws/tournaments/{cup}/"))
                assert len(lines(server, message, tournament_id=cup)) == crowds
            assert server.settled()


@pytest.fixture(scope="module")
def failed(server: Served) -> Line:
    cup = server.opened(server.player(), entry_fee=1000)
    player = server.player()
    registration = server.post(f"/api/tournaments/{cup}/registrations", by=player)
    answer = server.http.post(
        "/api/payments/",
        json={"registration_id": registration["id"], "method": "STRIPE",
              "token": "tok_unavailable"},
        headers=player | {"Idempotency-Key": "once", "X-Request-ID": "failing-payment"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        503,
        "provider_unavailable",
    )
    line = only(server, "Payment processing failed", request_id="failing-payment")
    return line | {"expected_user": registration["player"]["id"]}


class TestErrorLevel:
    @guide(CHAPTER, "# Error level")
    def test_payment_processing_failed_has_user_id_payment_method_and_error_code(
        self, failed: Line
    ) -> None:
        assert failed["level"] == "ERROR"
        assert failed["user_id"] == failed["expected_user"]
        assert failed["payment_method"] == "stripe"
        assert failed["error_code"] == "service_unavailable"

    def test_it_includes_the_stack_trace(self, failed: Line) -> None:
        assert failed["exc_info"].startswith("Traceback (most recent call last)")
        assert "in charge" in failed["exc_info"]
        assert "ProviderError: The payment provider failed" in failed["exc_info"]

    def test_it_does_not_include_what_pays(self, server: Served, failed: Line) -> None:
        assert "tok_unavailable" not in str(failed)

    def test_the_answer_is_in_the_access_log_under_the_same_request_id(
        self, server: Served, failed: Line
    ) -> None:
        def in_the_access_log() -> None:
            [access] = lines(server, "Request answered", request_id="failing-payment")
            assert (access["status"], access["level"]) == (503, "WARNING")

        eventually(in_the_access_log)
