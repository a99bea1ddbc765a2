"""MONITORING.md, "Prometheus Metrics": each metric has the guide's name and counts its events."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import DatabaseError, connection, transaction
from prometheus_client.parser import text_string_to_metric_families

from tests import samples
from tests.api.served import SECONDS, Served, read
from tests.guide.claims import guide


@pytest.fixture(scope="module")
def organizer(server: Served) -> dict[str, str]:
    return server.player()


def increase(server: Served, name: str, **labels: str) -> Callable[[], float]:
    """A function that returns by how much the sample has increased since this call."""
    before = server.value(name, **labels) or 0
    return lambda: (server.value(name, **labels) or 0) - before


@guide(
    "Prometheus Metrics",
    "django_http_requests_total_by_method - Total requests by HTTP method",
    "django_http_requests_latency_seconds - Request duration histogram",
    "django_http_requests_total_by_view_transport_method - Requests per view",
    "django_db_query_total - Total database queries",
    "django_db_execute_total - Query execution count",
)
def test_a_request_is_counted_and_timed_and_so_are_its_queries(server: Served) -> None:
    view = {"view": "api:tournaments", "transport": "http", "method": "GET"}
    database = {"alias": "default", "vendor": "sqlite"}
    counted_once = [
        increase(server, "django_http_requests_total_by_method", method="GET", status="200"),
        increase(server, "django_http_requests_total_by_view_transport_method", **view),
        increase(server, "django_http_requests_latency_seconds_count"),
        increase(server, "django_http_requests_latency_seconds_bucket", le="+Inf"),
    ]
    first_middleware = increase(server, "django_http_requests_before_middlewares_total")
    seconds = increase(server, "django_http_requests_latency_seconds_sum")
    queries = increase(server, "django_db_query_total", **database)
    server.http.get("/api/tournaments/")
    assert [counted() for counted in counted_once] == [1, 1, 1, 1]
    assert first_middleware() == 1
    assert 0 < seconds() < SECONDS
    assert queries() >= 1
    both = r"^django_db_(?:query|execute)_total{.*} (\S+)$"
    query_total, execute_total = re.findall(both, server.http.get("/metrics/").text, re.MULTILINE)
    assert query_total == execute_total


@guide("Prometheus Metrics", "django_http_requests_body_total_bytes - Request body size")
def test_body_sizes_are_summed(server: Served) -> None:
    size = increase(server, "django_http_requests_body_total_bytes_sum")
    server.http.post("/api/accounts/token", content=b"x" * 1234)
    assert size() == 1234


@guide("Prometheus Metrics", "django_db_errors_total - Database errors")
@pytest.mark.django_db
def test_a_database_error_is_counted_by_its_type() -> None:
    def errors() -> float:
        labels = {
            "alias": "default",
            "vendor": connection.vendor,
            "type": type(raised.value.__cause__).__name__,
        }
        return samples.value("django_db_errors_total", **labels) or 0

    counts = []
    for _ in range(2):
        with pytest.raises(DatabaseError) as raised, transaction.atomic():
            connection.cursor().execute("SELECT 1 FROM nowhere")
        counts.append(errors())
    assert counts[1] == counts[0] + 1


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
    server: Served, organizer: dict[str, str]
) -> None:
    tournament = server.opened(organizer)
    opened = increase(server, "ws_connections_total")
    for _ in range(2):
        with server.connected(f"/ws/tournaments/{tournament}/") as socket:
            assert read(socket)["type"] == "welcome"
            assert server.value("ws_connections_active", tournament_id=str(tournament)) == 1
        assert server.settled()
    assert server.value("ws_connections_active", tournament_id=str(tournament)) == 0
    assert opened() == 2


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
def test_a_message_is_counted_by_type_and_timed(server: Served, organizer: dict[str, str]) -> None:
    tournament = server.opened(organizer)
    name = "ws_messages_received_total"
    pings = increase(server, name, message_type="ping", tournament_id=str(tournament))
    unknown = increase(server, name, message_type="other", tournament_id="other")
    pongs = increase(server, "ws_messages_sent_total", message_type="pong")
    timed = increase(server, "ws_message_latency_seconds_count")
    with server.connected(f"/ws/tournaments/{tournament}/") as socket:
        assert read(socket)["type"] == "welcome"
        for message in ('{"type": "ping"}', "{}"):
            socket.send(message)
            read(socket)
    assert server.settled()
    assert (pings(), unknown(), pongs(), timed()) == (1, 1, 1, 2)
    for bound in ("0.01", "0.05", "0.1", "0.5", "1.0", "5.0"):
        assert server.value("ws_message_latency_seconds_bucket", le=bound) is not None


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
def test_a_played_tournament_increases_the_business_metrics(
    server: Served, organizer: dict[str, str]
) -> None:
    tournament = server.opened(organizer, capacity=2, entry_fee=500, prize_coins=100)
    labels = {"tournament_id": str(tournament)}
    registered = increase(server, "tournament_registrations_total", status="SUCCESS", **labels)
    failed = increase(server, "tournament_registrations_total", status="FAILED", **labels)
    declined = increase(server, "payments_processed_total", status="FAILED", method="PAYPAL")
    paid = increase(server, "payments_processed_total", status="SUCCESS", method="STRIPE")
    played = increase(server, "matches_completed_total", game_title="VALORANT", **labels)
    awarded = increase(server, "coins_awarded_total")
    players = [server.player() for _ in range(2)]
    path = f"/api/tournaments/{tournament}/registrations"
    for player in players:
        registration = server.post(path, by=player)["id"]
        assert pay(server, player, registration, "PAYPAL", "tok_declined").status_code == 402
        assert pay(server, player, registration, "STRIPE", "tok_visa").status_code == 201
    assert server.http.post(path, headers=players[0]).status_code == 409
    server.post(f"/api/tournaments/{tournament}/start", by=organizer)
    match = server.http.get(f"/api/tournaments/{tournament}/matches").json()["items"][0]["id"]
    server.post(f"/api/matches/{match}/report", {"score": [2, 0]}, by=players[0])
    server.post(f"/api/matches/{match}/confirm", by=players[1])
    increases = [registered, failed, declined, paid, played, awarded]
    assert [counted() for counted in increases] == [2, 1, 2, 2, 1, 100]


def pay(
    server: Served, by: dict[str, str], registration: int, method: str, token: str
) -> httpx.Response:
    payment = {"registration_id": registration, "method": method, "token": token}
    headers = by | {"Idempotency-Key": f"{registration}-{token}"}
    return server.http.post("/api/payments/", json=payment, headers=headers)


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
def test_the_labels_are_those_of_the_guide(server: Served, name: str, labels: set[str]) -> None:
    page: Any = text_string_to_metric_families(server.http.get("/metrics/").text)
    [family] = [family for family in page if family.name == name]
    assert {frozenset(sample.labels) for sample in family.samples} == {frozenset(labels)}
