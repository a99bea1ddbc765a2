"""The live feed of a real web process, spoken to from outside."""

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from socket import SHUT_RDWR
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.api.served import SECONDS, Served, read


@pytest.fixture(scope="module")
def organizer(server: Served) -> dict[str, str]:
    return server.player()


@pytest.fixture(scope="module")
def cup(server: Served, organizer: dict[str, str]) -> int:
    """Two events: created, opened."""
    return server.opened(organizer)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(server: Served) -> Iterator[None]:
    """After every test here: the gauge is at 0, and nothing was a fault of ours."""
    before = server.value("ws_connection_failures_total", reason="error")
    yield
    assert server.settled()
    assert server.value("ws_connection_failures_total", reason="error") == before
    assert not [line for line in server.log_lines() if line["level"] == "ERROR"]


@contextlib.contextmanager
def welcomed(
    server: Served, cup: int, query: str = "", **options: Any
) -> Iterator[ClientConnection]:
    with server.connected(f"/ws/tournaments/{cup}/{query}", **options) as socket:
        assert read(socket)["type"] == "welcome"
        yield socket


def test_a_visitor_is_told_the_head_and_then_what_happens(
    server: Served, organizer: dict[str, str], cup: int
) -> None:
    cup = server.opened(organizer)
    player = server.player()
    with server.connected(f"/ws/tournaments/{cup}/") as socket:
        assert read(socket) == {"type": "welcome", "seq": 2}
        assert server.value("ws_connections_active", tournament_id=str(cup)) == 1
        registration = server.post(f"/api/tournaments/{cup}/registrations", by=player)
        created = read(socket)
    assert created.pop("at").endswith("Z")
    assert created == {
        "type": "event",
        "seq": 3,
        "name": "registration.created",
        "data": {
            "tournament_id": cup,
            "registration_id": registration["id"],
            "player": registration["player"],
            "game_title": "VALORANT",
        },
    }


@pytest.mark.parametrize(("since", "replayed"), [(0, [1, 2]), (1, [2]), (2, [])])
def test_since_gives_again_what_was_missed(
    server: Served, cup: int, since: int, replayed: list[int]
) -> None:
    with welcomed(server, cup, f"?since={since}") as socket:
        assert [read(socket)["seq"] for _ in replayed] == replayed
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}


def test_sync_gives_everything_again_in_the_middle(server: Served, cup: int) -> None:
    with welcomed(server, cup) as socket:
        for since, seqs in ((0, [1, 2]), (1, [2]), (0, [1, 2])):
            socket.send(json.dumps({"type": "sync", "since": since}))
            assert [read(socket)["seq"] for _ in seqs] == seqs


def test_the_feed_is_the_same_as_the_events_over_http(server: Served, cup: int) -> None:
    with welcomed(server, cup, "?since=0") as socket:
        told = [read(socket) for _ in range(2)]
    listed = server.http.get(f"/api/tournaments/{cup}/events").json()["items"]
    assert [{"type": "event", **one} for one in listed] == told


@pytest.mark.parametrize(
    "since", ["-1", "x", "", "1.5", "1e0", "3", "9" * 19, "9" * 5000, "%00", "%D9%A1", "+1", "0x1"]
)
def test_a_since_that_cannot_be_is_an_error_and_the_feed_goes_on(
    server: Served, cup: int, since: str
) -> None:
    with welcomed(server, cup, f"?since={since}") as socket:
        assert read(socket) == {"type": "error", "code": "bad_since"}
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}


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


class TestWhoGetsIn:
    """Our own pages by Origin, programs by token, and nobody else."""

    @pytest.mark.parametrize(
        "origin",
        [
            "https://127.0.0.1:{port}",
            "http://127.0.0.1:1",
            "http://127.0.0.1",
            "http://localhost:{port}",
            "http://evil.example",
            "http://127.0.0.1.evil.example:{port}",
            "http://evil127.0.0.1:{port}",
            "http://user@127.0.0.1:{port}",
            "http://127.0.0.1:{port}@evil.example",
            "http://127.0.0.1:{port}/path",
            "ws://127.0.0.1:{port}",
            "//127.0.0.1:{port}",
            "null",
            "file://",
        ],
    )
    def test_another_origin_is_refused(self, server: Served, cup: int, origin: str) -> None:
        before = server.value("ws_connection_failures_total", reason="origin") or 0
        assert refused(server, cup, origin=origin.format(port=server.port)) == 403
        assert server.value("ws_connection_failures_total", reason="origin") == before + 1

    @pytest.mark.parametrize(
        "origin",
        ["127.0.0.1", "*", "http://", "http://[::1", "http://h:99999", "http://127.0.0.1:80.evil"],
    )
    def test_what_is_no_origin_at_all_is_refused(
        self, server: Served, cup: int, origin: str
    ) -> None:
        assert refused(server, cup, origin=origin) == 400

    def test_another_origin_is_refused_with_a_valid_token_too(
        self, server: Served, cup: int, organizer: dict[str, str]
    ) -> None:
        options = {"origin": "http://evil.example", "additional_headers": organizer}
        assert refused(server, cup, **options) == 403

    def test_a_host_that_is_not_ours_makes_no_origin_ours(self, server: Served, cup: int) -> None:
        options = {"origin": "http://evil.example", "additional_headers": {"Host": "evil.example"}}
        assert refused(server, cup, **options) in {400, 403}

    def test_no_origin_and_no_token_is_refused(self, server: Served, cup: int) -> None:
        before = server.value("ws_connection_failures_total", reason="unauthenticated") or 0
        assert refused(server, cup, origin=None) == 403
        after = server.value("ws_connection_failures_total", reason="unauthenticated")
        assert after == before + 1

    @pytest.mark.parametrize(
        "authorization", ["Bearer garbage", "Bearer ", "Basic YTpi", "Bearer \u00e9", "x"]
    )
    def test_no_origin_and_a_token_that_is_none_is_refused(
        self, server: Served, cup: int, authorization: str
    ) -> None:
        headers = {"Authorization": authorization}
        assert refused(server, cup, origin=None, additional_headers=headers) == 403

    def test_no_origin_and_a_valid_token_gets_in(
        self, server: Served, cup: int, organizer: dict[str, str]
    ) -> None:
        with welcomed(server, cup, origin=None, additional_headers=organizer):
            pass

    def test_no_origin_and_an_expired_token_is_refused(self, server: Served, cup: int) -> None:
        late = server.player()
        server.manage(
            "shell",
            "--command",
            "from apps.accounts.models import *; from django.utils import timezone;"
            "ApiToken.objects.filter(pk=ApiToken.objects.latest('pk').pk)"
            ".update(expires_at=timezone.now())",
        )
        assert refused(server, cup, origin=None, additional_headers=late) == 403

    @pytest.mark.parametrize(
        "path",
        [
            "/ws/tournaments/999999/",
            f"/ws/tournaments/{2**63}/",
            "/ws/tournaments/" + "9" * 4000 + "/",
            "/ws/tournaments/cup/",
            "/ws/tournaments/-1/",
            "/ws/tournaments/",
            "/ws/",
            "/",
            "/healthz",
            "/metrics/",
            "/static/x.js",
            "/ws/%00/",
        ],
    )
    def test_there_is_nothing_elsewhere(self, server: Served, path: str) -> None:
        before = server.value("ws_connection_failures_total", reason="not_found") or 0
        with pytest.raises(InvalidStatus) as answer, server.connected(path):
            pass
        assert answer.value.response.status_code == 403
        assert server.value("ws_connection_failures_total", reason="not_found") == before + 1


def refused(server: Served, cup: int, **options: Any) -> int:
    path = f"/ws/tournaments/{cup}/"
    with pytest.raises(InvalidStatus) as answer, server.connected(path, **options):
        pass
    status: int = answer.value.response.status_code
    return status


def test_everyone_is_told_everything_in_order_while_it_happens(
    server: Served, organizer: dict[str, str]
) -> None:
    """Twelve players sign up at once, as some sockets listen already and others come meanwhile."""
    cup = server.opened(organizer)
    players = [server.player() for _ in range(12)]
    last = 2 + 2 * len(players)

    def listen(number: int) -> list[int]:
        with welcomed(server, cup, "?since=0") as socket:
            return [read(socket)["seq"] for _ in range(last)]

    def sign_up(player: dict[str, str]) -> None:
        server.post(f"/api/tournaments/{cup}/registrations", by=player)

    with ThreadPoolExecutor(24) as pool:
        first = [pool.submit(listen, number) for number in range(4)]
        signed_up = [pool.submit(sign_up, player) for player in players]
        later = [pool.submit(listen, number) for number in range(8)]
        for one in signed_up:
            one.result(60)
        assert [one.result(60) for one in first + later] == [list(range(1, last + 1))] * 12


def test_an_event_whose_wake_up_is_lost_comes_all_the_same(
    server: Served, organizer: dict[str, str]
) -> None:
    """Recorded by another process, which this one's channel layer does not reach."""
    cup = server.opened(organizer)
    before = server.value("live_events_resynced_total") or 0
    with welcomed(server, cup) as socket:
        server.manage(
            "shell",
            "--command",
            "from apps.tournaments.models import *; from apps.tournaments.services import *;"
            f"cup = Tournament.objects.get(pk={cup});"
            f"tournament_cancel(tournament_id={cup}, organizer=cup.organizer)",
        )
        event = read(socket)
    assert (event["seq"], event["name"]) == (3, "tournament.cancelled")
    assert server.value("live_events_resynced_total") == before + 1


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
