"""The metrics of a running web process, scraped from outside."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from demo.__main__ import play
from demo.scenario import DemoTournament
from stack.processes import Stack
from stack.prometheus import samples
from stack.waiting import eventually, eventually_equal, wait_until
from tests.api.served import Served, play_final, read, serving
from tests.cached_fixtures import demo_sqlite

pytestmark = pytest.mark.stack

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
DELIVERY = "live_delivery_seconds_bucket"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OPEN_TOURNAMENTS = """
from apps.accounts.models import User
from apps.tournaments import services
organizer = User.objects.create_user("organizer")
for number in range(199):
    made = services.tournament_create(organizer=organizer, name=f"Cup {number}",
        game_title="VALORANT", capacity=8, entry_fee=0, currency="EUR", prize_coins=0)
    services.tournament_open(tournament_id=made.pk, organizer=organizer)
"""
CANCEL = """
from apps.tournaments import services
from apps.tournaments.models import Tournament
made = Tournament.objects.get()
services.tournament_cancel(tournament_id=made.pk, organizer=made.organizer)
"""
REPETITIONS = 250  # of each of five kinds


@pytest.fixture
def alone(own_stack: Stack) -> Iterator[Served]:
    """A web process without other clients."""
    with serving(own_stack, WEB_THREADS="4") as server:
        yield server


@pytest.fixture
def organizer(alone: Served) -> dict[str, str]:
    return alone.player()


@pytest.fixture
def cup(alone: Served, organizer: dict[str, str]) -> int:
    """A tournament with two events: created and opened."""
    return alone.opened(organizer)


def scrape(server: Served) -> dict[tuple[str, str], float]:
    return samples(server.web, "/metrics/")


def test_a_latency_bucket_links_to_the_trace_of_a_request(alone: Served) -> None:
    traceparent = f"00-{TRACE}-00f067aa0ba902b7-01"
    alone.http.get("/api/tournaments/", headers={"traceparent": traceparent})
    for name in ("", "_by_view_method"):
        assert TRACE in traces(alone, f"django_http_requests_latency_seconds{name}_bucket")


def test_a_thousand_invented_values_create_no_series(alone: Served, cup: int) -> None:
    def invent(number: int, socket: ClientConnection) -> None:
        unknown_id = cup + 1 + number
        alone.http.request(f"METHOD{number}", "/api/tournaments/")
        alone.http.get(f"/nowhere/{number}")
        alone.http.get(f"/api/tournaments/{unknown_id}", headers={"user-agent": f"bot/{number}"})
        socket.send(json.dumps({"type": f"invented-{number}"}))
        read(socket)
        if number < REPETITIONS // 10:  # a handshake is slower than a message
            path = f"/ws/tournaments/{unknown_id}/"
            with pytest.raises(InvalidStatus), alone.connected(path):
                pass

    def series() -> set[tuple[str, str]]:
        """Without those of periodic tasks, which may start meanwhile."""
        return {key for key in scrape(alone) if key[0].startswith(("django_http_", "ws_"))}

    with alone.welcomed(cup) as socket:
        invent(0, socket)
        before = series()
        for number in range(1, REPETITIONS):
            invent(number, socket)
        assert series() == before


def test_two_hundred_live_tournaments_stay_under_two_thousand_series(own_stack: Stack) -> None:
    own_stack.manage("shell", "-c", OPEN_TOURNAMENTS)
    web = own_stack.web()
    assert play(
        DemoTournament(web.url, pace=0)
    )  # the two hundredth tournament, with every kind of request
    for path in ("/", "/tournaments/1/", "/admin/login/", "/nowhere", "/api/docs"):
        httpx.get(web.url + path)

    def bounded() -> None:
        now = samples(web, "/metrics/")
        assert now["tournaments_active", ""] == 200
        assert ("matches_completed_total", "VALORANT 150") in now
        assert len(now) < 2000

    eventually(bounded)


def test_a_delivery_is_timed_and_missed_events_count_as_replayed(
    alone: Served, organizer: dict[str, str], cup: int
) -> None:
    with subscribed(alone, cup) as socket:
        alone.post(f"/api/tournaments/{cup}/cancel", by=organizer)
        assert read(socket)["type"] == "event"
    with alone.welcomed(cup, "?since=0") as late:
        assert [read(late)["seq"] for _ in range(3)] == [1, 2, 3]

    def counted() -> None:
        now = scrape(alone)
        assert now["live_delivery_seconds_count", ""] == 1
        assert now[DELIVERY, "1.0"] == 1
        assert now["live_events_replayed_total", ""] == 3

    eventually(counted)


@contextmanager
def subscribed(server: Served, cup: int) -> Iterator[ClientConnection]:
    """A socket that answers is subscribed to the live feed."""
    with server.welcomed(cup) as socket:
        socket.send('{"type":"ping"}')
        assert read(socket)["type"] == "pong"
        yield socket


def test_the_delivery_histogram_links_to_the_trace_of_the_request(
    alone: Served, organizer: dict[str, str], cup: int
) -> None:
    traced = organizer | {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    with subscribed(alone, cup) as socket:
        alone.post(f"/api/tournaments/{cup}/cancel", by=traced)
        assert read(socket)["type"] == "event"
    eventually_equal(lambda: traces(alone, DELIVERY), [TRACE])


def test_an_event_read_from_the_database_links_to_no_trace(alone: Served, cup: int) -> None:
    with alone.welcomed(cup) as socket:
        alone.manage("shell", "-c", CANCEL)  # without Redis no other process is notified
        assert read(socket)["type"] == "event"

    def counted() -> None:
        now = scrape(alone)
        assert now["live_delivery_seconds_count", ""] == now["live_events_resynced_total", ""] == 1

    eventually(counted)
    assert traces(alone, DELIVERY) == []


def traces(server: Served, bucket: str) -> list[str]:
    page = server.http.get("/metrics/", headers={"accept": OPENMETRICS}).text
    return [
        sample.exemplar.labels["trace_id"]
        for family in parse_openmetrics(page)
        for sample in family.samples
        if sample.name == bucket and sample.exemplar
    ]


def test_a_finished_tournament_has_no_series_and_its_sockets_count_as_other(
    own_stack: Stack,
) -> None:
    with serving(own_stack, METRICS_RETIRE_SECONDS="1") as server:
        organizer, *players = (server.player() for _ in range(3))
        played, canceled = server.opened(organizer, capacity=2), server.opened(organizer)
        assert labeled_tournaments(server) == {played, canceled}
        with server.welcomed(played), server.welcomed(canceled):
            play_final(server, played, organizer, players)
            server.post(f"/api/tournaments/{canceled}/cancel", by=organizer)
            assert server.http.get(f"/api/tournaments/{played}").json()["status"] == "completed"
            eventually_equal(lambda: labeled_tournaments(server), set())
            assert server.value("ws_connections_active", tournament_id="other") == 2
        assert server.settled()


def labeled_tournaments(server: Served) -> set[int]:
    page = server.http.get("/metrics/").text
    return {int(number) for number in re.findall(r'tournament_id="(\d+)"', page)}


def test_a_stopping_server_closes_its_sockets_with_service_restart(alone: Served, cup: int) -> None:
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(alone.welcomed(cup)) for _ in range(20)]
        assert alone.web.stop() == 0
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012


def test_background_jobs_start_before_the_first_request(own_stack: Stack) -> None:
    demo_sqlite(Path(own_stack.environment["SQLITE_PATH"]))
    web = own_stack.web()
    # A scrape does not start them, and there is no other request.
    assert wait_until(lambda: samples(web, "/metrics/")["tournaments_active", ""] > 0, 60)
