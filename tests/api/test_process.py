"""A web process from outside: what is answered before Django, and what never counts as traffic."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.api.served import Served, served


def requests_seen(server: Served) -> float:
    families = text_string_to_metric_families(server.http.get("/metrics/").text)
    found = [one for one in families if one.name == "django_http_requests_total_by_method"]
    return sum(sample.value for family in found for sample in family.samples)


def test_probes_and_scrapes_are_no_traffic(server: Served) -> None:
    before = requests_seen(server)
    for path in ("/healthz", "/readiness", "/metrics/"):
        assert server.http.get(path).status_code == 200
    assert requests_seen(server) == before
    server.http.get("/api/tournaments/")
    assert requests_seen(server) == before + 1


def test_a_probe_does_not_care_for_the_host(server: Served) -> None:
    elsewhere = {"Host": "10.0.0.7:8000"}
    assert server.http.get("/healthz", headers=elsewhere).status_code == 200
    assert server.http.get("/readiness", headers=elsewhere).status_code == 200
    assert server.http.get("/api/tournaments/", headers=elsewhere).status_code == 400


def test_a_body_over_the_limit_is_refused(server: Served) -> None:
    answer = server.http.post("/api/tournaments/", content=b"x" * 300_000, headers=server.player())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_an_id_goes_in_and_out_and_is_on_every_line_of_its_request(server: Served) -> None:
    headers = server.player() | {"X-Request-ID": "seen-everywhere"}
    body = {"name": "Cup", "game_title": "VALORANT", "capacity": 8}
    answer = server.http.post("/api/tournaments/", json=body, headers=headers)
    assert answer.headers["X-Request-ID"] == "seen-everywhere"
    lines = [one for one in server.log_lines() if one["request_id"] == "seen-everywhere"]
    assert [one["message"] for one in lines] == ["Tournament created", "Request answered"]
    listed = server.http.get(f"/api/tournaments/{answer.json()['id']}/events")
    assert listed.headers["X-Request-ID"] != "seen-everywhere"


def test_without_prometheus_everything_else_goes_on(tmp_path: Path) -> None:
    with served(tmp_path, ENABLE_PROMETHEUS="0") as server:
        assert server.http.get("/metrics/").status_code == 404
        assert server.http.get("/readiness").status_code == 200
        player = server.player()
        cup = server.opened(player)
        server.post(f"/api/tournaments/{cup}/registrations", by=player)
        with server.connected(f"/ws/tournaments/{cup}/") as socket:
            assert '"seq":4' in str(socket.recv(timeout=180))
        assert not [one for one in server.log_lines() if one["level"] == "ERROR"]
