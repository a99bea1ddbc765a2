import contextlib
from socket import SHUT_RDWR
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.api.served import SECONDS, Headers, Served, read

DEEP = "[" * 20_000


INVALID: dict[str, tuple[str | bytes, ...]] = {
    "not_json": (
        "", "hello", "{", "{'type': 'ping'}", DEEP, '{"type":"sync","since":' + "9" * 5000 + "}",
    ),
    "not_an_object": ("[]", "17", "null", '"ping"', "NaN"),
    "unknown_type": (
        "{}", '{"type": "join"}', '{"type": "event"}', '{"type": "websocket.send"}',
        '{"type": ["ping"]}', '{"type": {"a": 1}}', '{"type": null}', '{"type": "\\u0000"}',
        '{"type": "\\ud800"}',
    ),
    "bad_since": ('{"type": "sync"}', *(
        f'{{"type": "sync", "since": {since}}}'
        for since in ("-1", "3", '"0"', "0.0", "true", "null", "[0]", "NaN", str(10**30))
    )),
    "binary_not_supported": (b"\x00\x01", b'{"type": "ping"}'),
}  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "code"),
    [(sent, code) for code, messages in INVALID.items() for sent in messages],
    ids=lambda sent: repr(sent)[:40],
)
def test_an_invalid_message_is_an_error_and_the_socket_stays_open(
    server: Served, cup: int, sent: str | bytes, code: str
) -> None:
    with server.welcomed(cup) as socket:
        socket.send(sent)
        assert read(socket) == {"type": "error", "code": code}
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}


def test_a_message_of_64_kib_is_accepted(server: Served, cup: int) -> None:
    with server.welcomed(cup) as socket:
        socket.send('{"type":"ping"}'.ljust(65536))
        assert read(socket) == {"type": "pong"}


@pytest.mark.parametrize(
    "sent",
    ["x" * 65537, "é" * 32769, b"x" * 65537, ["x" * 40_000] * 2],
    ids=["text", "two-byte characters", "binary", "in fragments"],
)
def test_a_larger_message_closes_the_socket(server: Served, cup: int, sent: Any) -> None:
    with server.welcomed(cup) as socket:
        assert close_code(socket, lambda: socket.send(sent)) == 1009


@pytest.mark.parametrize("sent", [b"\xff", b'{"type": "\xc3("}', b"\xed\xa0\x80"])
def test_invalid_utf8_closes_the_socket(server: Served, cup: int, sent: bytes) -> None:
    with server.welcomed(cup) as socket:
        assert close_code(socket, lambda: socket.send(sent, text=True)) == 1007


def close_code(socket: ClientConnection, send: Any) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        send()
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=SECONDS)
    return closed.value.rcvd.code if closed.value.rcvd else None


def test_a_lost_connection_is_cleaned_up(server: Served, cup: int) -> None:
    assert server.settled()
    with server.welcomed(cup) as socket:
        assert server.open_sockets() == 1
        socket.socket.shutdown(SHUT_RDWR)
    assert server.settled()


def test_invalid_messages_are_counted_as_other(server: Served, organizer: Headers) -> None:
    cup = server.opened(organizer)

    def received(kind: str, label: str) -> float | None:
        return server.value("ws_messages_received_total", message_type=kind, tournament_id=label)

    before = [received(kind, "other") or 0 for kind in ("invalid", "other")]
    with server.welcomed(cup) as socket:
        for message in ("{", '{"type": "invented"}'):
            socket.send(message)
            read(socket)
    assert [received(kind, str(cup)) for kind in ("invalid", "other", "invented")] == [None] * 3
    assert [received(kind, "other") for kind in ("invalid", "other")] == [n + 1 for n in before]


def test_reading_pauses_if_a_client_sends_too_fast(server: Served, organizer: Headers) -> None:
    """All messages are answered."""
    before = server.value("ws_input_paused_total") or 0
    with server.welcomed(server.opened(organizer)) as socket:
        for _ in range(3000):
            socket.send('{"type": "ping"}')
        assert [read(socket)["type"] for _ in range(3000)] == ["pong"] * 3000
    assert (server.value("ws_input_paused_total") or 0) > before


def test_sync_is_rate_limited_per_socket(server: Served, organizer: Headers) -> None:
    cup = server.opened(organizer)
    with server.welcomed(cup) as first, server.welcomed(cup) as second:
        for _ in range(70):  # twice the limit and more, as the window may end meanwhile
            first.send('{"type": "sync", "since": 2}')
        assert read(first) == {"type": "error", "code": "rate_limited"}
        first.send('{"type": "ping"}')
        while (answer := read(first))["type"] == "error":
            assert answer["code"] == "rate_limited"
        assert answer == {"type": "pong"}
        second.send('{"type": "sync", "since": 1}')
        assert read(second)["seq"] == 2
    assert (server.value("rate_limited_total", limit="sync") or 0) >= 1
