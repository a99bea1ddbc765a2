"""The metrics of a running web process, scraped from outside."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from demo.__main__ import play
from demo.scenario import DemoTournament
from stack.processes import Process, Stack
from stack.prometheus import samples
from stack.waiting import eventually, eventually_equal
from tests.cached_fixtures import demo_sqlite

pytestmark = pytest.mark.stack

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
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
def alone(own_stack: Stack) -> Process:
    """A web process without other clients."""
    return own_stack.web(WEB_THREADS="4")


@pytest.fixture
def demo(alone: Process) -> Iterator[DemoTournament]:
    demo = DemoTournament(alone.url, pace=0)
    demo.organizer.sign_up(f"metrics-{demo.run_id}", "pass-that-is-long-enough")
    yield demo
    demo.http.close()


def feed(web: Process, demo: DemoTournament, query: str = "") -> ClientConnection:
    url = f"{web.ws_url}/ws/tournaments/{demo.tournament['id']}/{query}"
    return connect(url, origin=Origin(web.url))


def next_type(socket: ClientConnection) -> str:
    return str(json.loads(socket.recv(10))["type"])


def test_a_latency_bucket_links_to_the_trace_of_a_request(stack: Stack, web: Process) -> None:
    prometheus = stack.prometheus({"web": [web.address]})
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}

    def linked() -> None:
        httpx.get(f"{web.url}/api/tournaments/", headers=headers)
        for name in (
            "django_http_requests_latency_seconds_bucket",
            "django_http_requests_latency_seconds_by_view_method_bucket",
        ):
            series = httpx.get(
                f"{prometheus.url}/api/v1/query_exemplars",
                params={"query": name, "start": time.time() - 60, "end": time.time() + 5},
            ).json()["data"]
            traces = {
                exemplar["labels"]["trace_id"] for item in series for exemplar in item["exemplars"]
            }
            assert TRACE in traces

    eventually(linked)
    prometheus.stop()


def test_a_thousand_invented_values_create_no_series(alone: Process, demo: DemoTournament) -> None:
    demo.open_tournament()
    tournament_id = demo.tournament["id"]

    def invent(number: int, http: httpx.Client, socket: ClientConnection) -> None:
        unknown_id = tournament_id + 1 + number
        http.request(f"METHOD{number}", "/api/tournaments/")
        http.get(f"/nowhere/{number}")
        http.get(f"/api/tournaments/{unknown_id}", headers={"user-agent": f"bot/{number}"})
        socket.send(json.dumps({"type": f"invented-{number}"}))
        socket.recv(10)
        if number < REPETITIONS // 10:  # a handshake is slower than a message
            with pytest.raises(InvalidStatus):
                connect(
                    f"{alone.ws_url}/ws/tournaments/{unknown_id}/",
                    origin=Origin(alone.url),
                )

    with httpx.Client(base_url=alone.url) as http, feed(alone, demo) as socket:
        socket.recv(10)
        invent(0, http, socket)
        before = set(samples(alone, "/metrics/"))
        for number in range(1, REPETITIONS):
            invent(number, http, socket)
        assert set(samples(alone, "/metrics/")) == before


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


def test_a_disconnection_is_counted_by_its_close_code(alone: Process, demo: DemoTournament) -> None:
    demo.open_tournament()
    for code in (1000, 1001, 4321):
        with feed(alone, demo) as socket:
            assert next_type(socket) == "welcome"
            socket.close(code)

    def counted() -> None:
        now = samples(alone, "/metrics/")
        for label in ("1000", "1001", "other"):
            assert now["ws_disconnections_total", label] == 1

    eventually(counted)


def test_a_delivery_is_timed_and_missed_events_count_as_replayed(
    alone: Process, demo: DemoTournament
) -> None:
    demo.open_tournament()
    with feed(alone, demo) as socket:
        assert next_type(socket) == "welcome"
        socket.send('{"type":"ping"}')
        assert next_type(socket) == "pong"  # the socket is subscribed now
        demo.organizer.post(f"{demo.path}/cancel")
        assert next_type(socket) == "event"
    with feed(alone, demo, "?since=0") as late:
        assert [next_type(late) for _ in range(4)] == ["welcome", "event", "event", "event"]

    def counted() -> None:
        now = samples(alone, "/metrics/")
        assert now["live_delivery_seconds_count", ""] == 1
        assert now["live_delivery_seconds_bucket", "1.0"] == 1
        assert now["live_events_replayed_total", ""] == 3

    eventually(counted)


def test_the_delivery_histogram_links_to_the_trace_of_the_request(
    alone: Process, demo: DemoTournament
) -> None:
    demo.open_tournament()
    with feed(alone, demo) as socket:
        assert next_type(socket) == "welcome"
        socket.send('{"type":"ping"}')
        assert next_type(socket) == "pong"
        headers = {
            "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
            "authorization": f"Bearer {demo.organizer.token}",
        }
        assert demo.http.post(f"{demo.path}/cancel", headers=headers).status_code == 200
        assert next_type(socket) == "event"
    eventually_equal(lambda: delivery_traces(alone), [TRACE])


def test_an_event_read_from_the_database_links_to_no_trace(
    alone: Process, own_stack: Stack, demo: DemoTournament
) -> None:
    demo.open_tournament()
    with feed(alone, demo) as socket:
        assert next_type(socket) == "welcome"
        own_stack.manage("shell", "-c", CANCEL)  # without Redis no other process is notified
        assert next_type(socket) == "event"

    def counted() -> None:
        now = samples(alone, "/metrics/")
        assert now["live_delivery_seconds_count", ""] == now["live_events_resynced_total", ""] == 1

    eventually(counted)
    assert delivery_traces(alone) == []


def delivery_traces(web: Process) -> list[str]:
    page = httpx.get(f"{web.url}/metrics/", headers={"accept": OPENMETRICS}).text
    return [
        sample.exemplar.labels["trace_id"]
        for family in parse_openmetrics(page)
        for sample in family.samples
        if sample.name == "live_delivery_seconds_bucket" and sample.exemplar
    ]


def test_a_finished_tournament_has_no_series_and_its_sockets_count_as_other(
    own_stack: Stack,
) -> None:
    web = own_stack.web(METRICS_RETIRE_SECONDS="1")
    played, cancelled = DemoTournament(web.url, pace=0), DemoTournament(web.url, pace=0)
    played.players = played.players[:2]
    played.sign_up(lambda: None)
    cancelled.organizer = played.organizer
    played.open_tournament()
    cancelled.open_tournament()
    ids = [played.tournament["id"], cancelled.tournament["id"]]
    assert labeled_tournaments(web) == set(ids)
    with feed(web, played) as first, feed(web, cancelled) as second:
        assert next_type(first) == next_type(second) == "welcome"
        for number, player in enumerate(played.players):
            played.register_and_pay(number, player)
        played.organizer.post(f"{played.path}/start")
        played.play_matches(lambda: None)
        cancelled.organizer.post(f"{cancelled.path}/cancel")
        assert played.organizer.get(played.path)["status"] == "completed"
        eventually_equal(lambda: labeled_tournaments(web), set())
        assert samples(web, "/metrics/")["ws_connections_active", "other"] == 2
    eventually_equal(lambda: samples(web, "/metrics/")["ws_connections_active", "other"], 0)


def labeled_tournaments(web: Process) -> set[int]:
    page = httpx.get(f"{web.url}/metrics/").text
    return {int(number) for number in re.findall(r'tournament_id="(\d+)"', page)}


def test_a_stopping_server_closes_its_sockets_with_service_restart(
    alone: Process, demo: DemoTournament
) -> None:
    demo.open_tournament()
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(feed(alone, demo)) for _ in range(20)]
        for socket in sockets:
            assert next_type(socket) == "welcome"
        assert alone.stop() == 0
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012


def test_background_jobs_start_before_the_first_request(own_stack: Stack) -> None:
    demo_sqlite(Path(own_stack.environment["SQLITE_PATH"]))
    web = own_stack.web()

    def started() -> None:
        assert samples(web, "/metrics/")["tournaments_active", ""] > 0

    eventually(started)  # a scrape does not start them, and there was no other request
