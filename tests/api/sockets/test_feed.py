import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.served import Headers, Served, read


def test_a_socket_receives_the_head_and_then_events(server: Served, organizer: Headers) -> None:
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
            "entrant": {
                "id": registration["id"],
                "name": registration["player"]["username"],
                "player": registration["player"],
                "team": None,
            },
            "status": "pending_payment",
            "game_title": "VALORANT",
        },
    }


@pytest.mark.parametrize(("since", "seqs"), [(0, [1, 2]), (1, [2]), (2, [])])
def test_since_replays_missed_events(server: Served, cup: int, since: int, seqs: list[int]) -> None:
    with server.welcomed(cup, f"?since={since}") as socket:
        assert [read(socket)["seq"] for _ in seqs] == seqs
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}


def test_sync_replays_events_on_an_open_socket(server: Served, cup: int) -> None:
    with server.welcomed(cup) as socket:
        for since, seqs in ((0, [1, 2]), (1, [2]), (0, [1, 2])):
            socket.send(json.dumps({"type": "sync", "since": since}))
            assert [read(socket)["seq"] for _ in seqs] == seqs


def test_the_feed_equals_the_events_over_http(server: Served, cup: int) -> None:
    with server.welcomed(cup, "?since=0") as socket:
        received = [read(socket) for _ in range(2)]
    listed = server.http.get(f"/api/tournaments/{cup}/events").json()["items"]
    assert [{"type": "event", **event} for event in listed] == received


@pytest.mark.parametrize(
    "since", ["-1", "x", "", "1.5", "1e0", "3", "9" * 19, "9" * 5000, "%00", "%D9%A1", "+1", "0x1"]
)
def test_an_invalid_since_is_an_error_and_the_socket_stays_open(
    server: Served, cup: int, since: str
) -> None:
    with server.welcomed(cup, f"?since={since}") as socket:
        assert read(socket) == {"type": "error", "code": "bad_since"}
        socket.send('{"type": "ping"}')
        assert read(socket) == {"type": "pong"}


def test_all_sockets_receive_concurrent_events_in_order(server: Served, organizer: Headers) -> None:
    """Twelve players register concurrently. Some sockets join before, others meanwhile."""
    cup = server.opened(organizer)
    players = [server.player() for _ in range(12)]
    last = 2 + 2 * len(players)

    def listen(number: int) -> list[int]:
        with server.welcomed(cup, "?since=0") as socket:
            return [read(socket)["seq"] for _ in range(last)]

    def sign_up(player: Headers) -> None:
        server.post(f"/api/tournaments/{cup}/registrations", by=player)

    with ThreadPoolExecutor(24) as pool:
        first = [pool.submit(listen, number) for number in range(4)]
        signed_up = [pool.submit(sign_up, player) for player in players]
        later = [pool.submit(listen, number) for number in range(8)]
        for registration in signed_up:
            registration.result(60)
        seqs = [listener.result(60) for listener in first + later]
    assert seqs == [list(range(1, last + 1))] * 12


def test_an_event_arrives_without_a_layer_message(server: Served, organizer: Headers) -> None:
    """Recorded by another process, whose in-memory channel layer does not reach the server."""
    cup = server.opened(organizer)
    before = server.value("live_events_resynced_total") or 0
    with server.welcomed(cup) as socket:
        server.manage(
            "shell", "-v0", "-c",
            "from apps.tournaments.models import *; from apps.tournaments.services import *;"
            f"cup = Tournament.objects.get(pk={cup});"
            f"tournament_cancel(tournament_id={cup}, organizer=cup.organizer)",
        )  # fmt: skip
        event = read(socket)
    assert (event["seq"], event["name"]) == (3, "tournament.cancelled")
    assert server.value("live_events_resynced_total") == before + 1
