from pathlib import Path

from tests.api.served import Served, served


def requests_seen(server: Served) -> float:
    return sum(server.values("django_http_requests_total_by_method").values())


def test_probes_and_scrapes_are_not_counted_as_requests(server: Served) -> None:
    before = requests_seen(server)
    for path in ("/healthz", "/readiness", "/metrics/"):
        assert server.http.get(path).status_code == 200
    assert requests_seen(server) == before
    server.http.get("/api/tournaments/")
    assert requests_seen(server) == before + 1


def test_a_probe_accepts_any_host(server: Served) -> None:
    elsewhere = {"Host": "10.0.0.7:8000"}
    assert server.http.get("/healthz", headers=elsewhere).status_code == 200
    assert server.http.get("/readiness", headers=elsewhere).status_code == 200
    assert server.http.get("/api/tournaments/", headers=elsewhere).status_code == 400


def test_the_application_works_without_prometheus(tmp_path: Path) -> None:
    with served(tmp_path, ENABLE_PROMETHEUS="0") as server:
        assert server.http.get("/metrics/").status_code == 404
        assert server.http.get("/readiness").status_code == 200
        player = server.player()
        cup = server.opened(player)
        server.post(f"/api/tournaments/{cup}/registrations", by=player)
        with server.connected(f"/ws/tournaments/{cup}/") as socket:
            assert '"seq":4' in str(socket.recv(timeout=180))
        assert not [line for line in server.log_lines() if line["level"] == "ERROR"]
