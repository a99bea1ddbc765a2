"""What a client may send on its socket, how much of it, and how it is counted."""

import contextlib
from socket import SHUT_RDWR
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.api.served import SECONDS, Served, read
from tests.api.sockets.welcome import welcomed

DEEP = "[" * 20_000


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", "not_json"),
        ("hello", "not_json"),
        ("{", "not_json"),
        ("{'type': 'ping'}", "not_json"),
        (DEEP, "not_json"),
        ('{"type":"sync","since":' + "9" * 5000 + "}", "not_json"),
        ("[]", "not_an_object"),
        ("17", "not_an_object"),
        ("null", "not_an_object"),
        ('"ping"', "not_an_object"),
        ("NaN", "not_an_object"),
        ("{}", "unknown_type"),
        ('{"type": "join"}', "unknown_type"),
        ('{"type": "event"}', "unknown_type"),
        ('{"type": "websocket.send"}', "unknown_type"),
        ('{"type": ["ping"]}', "unknown_type"),
        ('{"type": {"a": 1}}', "unknown_type"),
        ('{"type": null}', "unknown_type"),
        ('{"type": "\\u0000"}', "unknown_type"),
        ('{"type": "\\ud800"}', "unknown_type"),
        ('{"type": "sync"}', "bad_since"),
        ('{"type": "sync", "since": -1}', "bad_since"),
        ('{"type": "sync", "since": 3}', "bad_since"),
        ('{"type": "sync", "since": "0"}', "bad_since"),
        ('{"type": "sync", "since": 0.0}', "bad_since"),
        ('{"type": "sync", "since": true}', "bad_since"),
        ('{"type": "sync", "since": null}', "bad_since"),
        ('{"type": "sync", "since": [0]}', "bad_since"),
        ('{"type": "sync", "since": NaN}', "bad_since"),
        (f'{{"type": "sync", "since": {10**30}}}', "bad_since"),
        (b"\x00\x01", "binary_not_supported"),
        (b'{"type": "ping"}', "binary_not_supported"),
    ],
    ids=lambda sent: repr(sent)[:40],
)
def test_what_makes_no_sense_is_an_error_and_the_socket_stays(
    server: Served, cup: int, sent: str | bytes, code: str
) -> None:
    with welcomed(server, cup) as socket:
        socket.send(sent)
        assert read(socket) == {"type": "error", "code": code}
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}


def test_64_kib_is_taken(server: Served, cup: int) -> None:
    with welcomed(server, cup) as socket:
        socket.send('{"type":"ping"}'.ljust(65536))
        assert read(socket) == {"type": "pong"}


@pytest.mark.parametrize(
    ("sent", "code"),
    [("x" * 65537, 1009), ("é" * 32769, 1009), (b"x" * 65537, 1009), (["x" * 40_000] * 2, 1009)],
    ids=["text", "two-byte characters", "binary", "in fragments"],
)
def test_one_byte_more_is_too_big(server: Served, cup: int, sent: Any, code: int) -> None:
    with welcomed(server, cup) as socket:
        assert close_code(socket, lambda: socket.send(sent)) == code


@pytest.mark.parametrize("sent", [b"\xff", b'{"type": "\xc3("}', b"\xed\xa0\x80"])
def test_text_that_is_no_utf8_ends_the_socket(server: Served, cup: int, sent: bytes) -> None:
    with welcomed(server, cup) as socket:
        assert close_code(socket, lambda: socket.send(sent, text=True)) == 1007


def close_code(socket: ClientConnection, act: Any) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        act()
    with pytest.raises(ConnectionClosed) as ended:
        socket.recv(timeout=SECONDS)
    return ended.value.rcvd.code if ended.value.rcvd else None


def test_a_client_that_just_goes_away_leaves_nothing_behind(server: Served, cup: int) -> None:
    with welcomed(server, cup) as socket:
        assert server.open_sockets() == 1
        socket.socket.shutdown(SHUT_RDWR)


def test_what_a_socket_does_is_counted(server: Served, organizer: dict[str, str]) -> None:
    cup = str(server.opened(organizer))

    def received(kind: str, about: str = cup) -> float | None:
        return server.value("ws_messages_received_total", message_type=kind, tournament_id=about)

    opened = server.value("ws_connections_total") or 0
    nonsense = [received(kind, "other") or 0 for kind in ("invalid", "other")]
    assert (received("ping"), received("sync")) == (0, 0)
    sent = server.value("ws_messages_sent_total", message_type="pong") or 0
    took = server.value("ws_message_latency_seconds_count") or 0
    with welcomed(server, int(cup)) as socket:
        for message in ('{"type": "ping"}', "{", '{"type": "invented"}'):
            socket.send(message)
            read(socket)
    assert server.settled()
    assert server.value("ws_connections_total") == opened + 1
    assert [received(kind) for kind in ("ping", "invalid", "other", "invented")] == [1] + [None] * 3
    assert [received(kind, "other") for kind in ("invalid", "other")] == [n + 1 for n in nonsense]
    assert server.value("ws_messages_sent_total", message_type="pong") == sent + 1
    assert server.value("ws_message_latency_seconds_count") == took + 3


def test_who_sends_faster_than_we_handle_is_not_read_for_a_while(
    server: Served, organizer: dict[str, str]
) -> None:
    """Nothing is lost of it, and what waits here is bounded."""
    before = server.value("ws_input_paused_total") or 0
    with welcomed(server, server.opened(organizer)) as socket:
        for _ in range(3000):
            socket.send('{"type": "ping"}')
        assert [read(socket)["type"] for _ in range(3000)] == ["pong"] * 3000
    assert (server.value("ws_input_paused_total") or 0) > before


def test_a_socket_syncs_so_many_times_a_minute(server: Served, organizer: dict[str, str]) -> None:
    cup = server.opened(organizer)
    with welcomed(server, cup) as first, welcomed(server, cup) as second:
        for _ in range(70):  # the minute may end meanwhile, and another begin
            first.send('{"type": "sync", "since": 2}')
        assert read(first) == {"type": "error", "code": "rate_limited"}
        first.send('{"type": "ping"}')
        while (answer := read(first))["type"] == "error":
            assert answer["code"] == "rate_limited"
        assert answer == {"type": "pong"}
        second.send('{"type": "sync", "since": 1}')
        assert read(second)["seq"] == 2
    assert (server.value("rate_limited_total", limit="sync") or 0) >= 1
