"""The live feed of a real web process, spoken to from outside."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.served import Served, read
from tests.api.sockets.welcome import welcomed


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
