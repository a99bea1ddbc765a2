"""MONITORING.md, "Prometheus Metrics": each metric by the guide's name, and what raises it.

Spoken to from outside, as Prometheus and users do.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.served import SECONDS, Served, read, served
from tests.guide.claims import guide

REQUESTS = "django_http_requests_total_by_method"
VIEWS = "django_http_requests_total_by_view_transport_method"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Nobody else's requests are in its counters."""
    with served(tmp_path_factory.mktemp("metrics")) as running:
        yield running


@pytest.fixture(scope="module")
def organizer(alone: Served) -> dict[str, str]:
    return alone.player()


class Before:
    """A sample's value now, to be compared with later."""

    def __init__(self, server: Served, name: str, **labels: str) -> None:
        self._read = lambda: server.value(name, **labels) or 0
        self._value = self._read()

    @property
    def risen(self) -> float:
        return self._read() - self._value


@guide("Prometheus Metrics", "django_http_requests_total_by_method - Total requests by HTTP method")
def test_a_request_is_counted_by_its_method(alone: Served) -> None:
    before = Before(alone, REQUESTS, method="GET", status="200")
    alone.http.get("/api/tournaments/")
    assert before.risen == 1


@guide("Prometheus Metrics", "django_http_requests_latency_seconds - Request duration histogram")
def test_its_duration_is_in_the_histogram(alone: Served) -> None:
    count = Before(alone, "django_http_requests_latency_seconds_count")
    largest = Before(alone, "django_http_requests_latency_seconds_bucket", le="+Inf")
    seconds = Before(alone, "django_http_requests_latency_seconds_sum")
    alone.http.get("/api/tournaments/")
    assert (count.risen, largest.risen) == (1, 1)
    assert 0 < seconds.risen < SECONDS


@guide(
    "Prometheus Metrics", "django_http_requests_total_by_view_transport_method - Requests per view"
)
def test_it_is_counted_by_its_view(alone: Served) -> None:
    before = Before(alone, VIEWS, view="api:tournaments", transport="http", method="GET")
    alone.http.get("/api/tournaments/")
    assert before.risen == 1


@guide("Prometheus Metrics", "django_http_requests_body_total_bytes - Request body size")
def test_the_size_of_its_body_is_known(alone: Served) -> None:
    size = Before(alone, "django_http_requests_body_total_bytes_sum")
    alone.http.post("/api/accounts/token", content=b"x" * 1234)
    assert size.risen == 1234


@guide(
    "Prometheus Metrics",
    "django_db_query_total - Total database queries",
    "django_db_execute_total - Query execution count",
)
def test_its_queries_are_counted_under_both_names(alone: Served) -> None:
    labels = {"alias": "default", "vendor": "sqlite"}
    before = [
        Before(alone, name, **labels)
        for name in ("django_db_query_total", "django_db_execute_total")
    ]
    alone.http.get("/api/tournaments/")
    assert before[0].risen >= 1
    assert alone.value("django_db_query_total", **labels) == alone.value(
        "django_db_execute_total", **labels
    )


@guide("Prometheus Metrics", "django_db_errors_total - Database errors")
def test_a_database_error_is_counted_by_its_kind(tmp_path: Path) -> None:
    with served(tmp_path, migrated=False) as server:  # without a single table
        labels = {"alias": "default", "vendor": "sqlite", "type": "OperationalError"}
        before = Before(server, "django_db_errors_total", **labels)
        assert server.http.get("/api/tournaments/").status_code == 500
        assert before.risen >= 1


@guide(
    "Prometheus Metrics",
    "ws_connections_active - Current active WebSocket connections",
    "ws_connections_total - Total connections (counter)",
    "ws_connections_active = Gauge(",
    "from apps.core.metrics import ws_connections_active",
    "async def connect(self):",
    "async def disconnect(self, close_code):",
)
def test_a_socket_is_in_the_gauge_while_it_is_open(
    alone: Served, organizer: dict[str, str]
) -> None:
    cup = alone.opened(organizer)
    opened = Before(alone, "ws_connections_total")
    for path in (f"/ws/tournaments/{cup}/", f"/ws/tournaments/{cup}/"):
        with alone.connected(path) as socket:
            assert read(socket)["type"] == "welcome"
            assert alone.value("ws_connections_active", tournament_id=str(cup)) == 1
        assert alone.settled()
    assert alone.value("ws_connections_active", tournament_id=str(cup)) == 0
    assert opened.risen == 2


@guide(
    "Prometheus Metrics",
    "ws_messages_received_total - Total messages received",
    "ws_messages_sent_total - Total messages sent",
    "ws_message_latency_seconds - Message processing latency",
    "ws_messages_received = Counter(",
    "ws_message_latency = Histogram(",
    "async def receive(self, text_data):",
    "data = json.loads(text_data)",
    "# Increment message counter",
    "# Process message...",
    "# Record latency",
)
def test_a_message_is_counted_by_type_and_timed(alone: Served, organizer: dict[str, str]) -> None:
    cup = alone.opened(organizer)
    name = "ws_messages_received_total"
    pings = Before(alone, name, message_type="ping", tournament_id=str(cup))
    unknown = Before(alone, name, message_type="other", tournament_id="other")
    pongs = Before(alone, "ws_messages_sent_total", message_type="pong")
    timed = Before(alone, "ws_message_latency_seconds_count")
    with alone.connected(f"/ws/tournaments/{cup}/") as socket:
        assert read(socket)["type"] == "welcome"
        for message in ('{"type": "ping"}', "{}"):
            socket.send(message)
            read(socket)
    assert alone.settled()
    assert (pings.risen, unknown.risen, pongs.risen, timed.risen) == (1, 1, 1, 2)
    for bound in ("0.01", "0.05", "0.1", "0.5", "1.0", "5.0"):
        assert alone.value("ws_message_latency_seconds_bucket", le=bound) is not None


@guide(
    "Prometheus Metrics",
    "# Implements: Documents/MONITORING.md#custom-metrics",
    "tournament_registrations_total - Tournament sign-ups",
    "matches_completed_total - Completed matches",
    "payments_processed_total - Payment transactions",
    "coins_awarded_total - Virtual currency awards",
    "# Business metrics",
    "matches_completed = Counter(",
    "payments_processed = Counter(",
)
def test_a_tournament_from_sign_up_to_crown_raises_the_business_metrics(
    alone: Served, organizer: dict[str, str]
) -> None:
    cup = alone.opened(organizer, capacity=2, entry_fee=500, prize_coins=100)
    about = {"tournament_id": str(cup)}
    signed_up = Before(alone, "tournament_registrations_total", status="SUCCESS", **about)
    refused = Before(alone, "tournament_registrations_total", status="FAILED", **about)
    declined = Before(alone, "payments_processed_total", status="FAILED", method="PAYPAL")
    paid = Before(alone, "payments_processed_total", status="SUCCESS", method="STRIPE")
    played = Before(alone, "matches_completed_total", game_title="VALORANT", **about)
    awarded = Before(alone, "coins_awarded_total")
    players = [alone.player() for _ in range(2)]
    path = f"/api/tournaments/{cup}/registrations"
    for player in players:
        seat = alone.post(path, by=player)["id"]
        assert pay(alone, player, seat, "PAYPAL", "tok_declined").status_code == 402
        assert pay(alone, player, seat, "STRIPE", "tok_visa").status_code == 201
    assert alone.http.post(path, headers=players[0]).status_code == 409
    alone.post(f"/api/tournaments/{cup}/start", by=organizer)
    match = alone.http.get(f"/api/tournaments/{cup}/matches").json()["items"][0]["id"]
    alone.post(f"/api/matches/{match}/report", {"score": [2, 0]}, by=players[0])
    alone.post(f"/api/matches/{match}/confirm", by=players[1])
    risen = [one.risen for one in (signed_up, refused, declined, paid, played, awarded)]
    assert risen == [2, 1, 2, 2, 1, 100]


def pay(server: Served, by: dict[str, str], seat: int, method: str, token: str) -> httpx.Response:
    order = {"registration_id": seat, "method": method, "token": token}
    headers = by | {"Idempotency-Key": f"{seat}-{token}"}
    return server.http.post("/api/payments/", json=order, headers=headers)


@guide("Prometheus Metrics", "ws_connections_active = Gauge(", "matches_completed = Counter(")
@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("ws_connections_active", {"tournament_id"}),
        ("ws_messages_received", {"message_type", "tournament_id"}),
        ("tournament_registrations", {"tournament_id", "status"}),
        ("matches_completed", {"tournament_id", "game_title"}),
        ("payments_processed", {"status", "method"}),
    ],
)
def test_the_labels_are_the_guides(alone: Served, name: str, labels: set[str]) -> None:
    page: Any = text_string_to_metric_families(alone.http.get("/metrics/").text)
    family = next(one for one in page if one.name == name)
    assert {frozenset(sample.labels) for sample in family.samples} == {frozenset(labels)}
