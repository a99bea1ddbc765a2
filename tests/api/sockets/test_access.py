"""Handshakes: pages need their own Origin, programs need a token."""

from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.api.served import PASSWORD, Served
from tests.api.sockets.welcome import welcomed


def rejected(server: Served, cup: int, **options: Any) -> int:
    path = f"/ws/tournaments/{cup}/"
    with pytest.raises(InvalidStatus) as answer, server.connected(path, **options):
        pass
    status: int = answer.value.response.status_code
    return status


def session_cookie(server: Served, token: dict[str, str]) -> dict[str, str]:
    name = server.http.get("/api/accounts/me", headers=token).json()["username"]
    with httpx.Client(base_url=server.origin, headers={"Origin": server.origin}) as browser:
        browser.get("/sign-in")
        answer = browser.post(
            "/sign-in",
            data={
                "username": name,
                "password": PASSWORD,
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            },
        )
        assert answer.status_code == 302
        return {"Cookie": f"sessionid={browser.cookies['sessionid']}"}


class TestHandshake:
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
    def test_another_origin_is_rejected(self, server: Served, cup: int, origin: str) -> None:
        before = server.value("ws_connection_failures_total", reason="origin") or 0
        assert rejected(server, cup, origin=origin.format(port=server.port)) == 403
        assert server.value("ws_connection_failures_total", reason="origin") == before + 1

    @pytest.mark.parametrize(
        "origin",
        ["127.0.0.1", "*", "http://", "http://[::1", "http://h:99999", "http://127.0.0.1:80.evil"],
    )
    def test_a_malformed_origin_is_a_bad_request(
        self, server: Served, cup: int, origin: str
    ) -> None:
        assert rejected(server, cup, origin=origin) == 400

    def test_another_origin_is_rejected_even_with_a_valid_token(
        self, server: Served, cup: int, organizer: dict[str, str]
    ) -> None:
        options = {"origin": "http://evil.example", "additional_headers": organizer}
        assert rejected(server, cup, **options) == 403

    def test_a_foreign_host_does_not_allow_its_origin(self, server: Served, cup: int) -> None:
        options = {"origin": "http://evil.example", "additional_headers": {"Host": "evil.example"}}
        assert rejected(server, cup, **options) in {400, 403}

    def test_no_origin_and_no_token_is_rejected(self, server: Served, cup: int) -> None:
        before = server.value("ws_connection_failures_total", reason="unauthenticated") or 0
        assert rejected(server, cup, origin=None) == 403
        after = server.value("ws_connection_failures_total", reason="unauthenticated")
        assert after == before + 1

    @pytest.mark.parametrize(
        "authorization", ["Bearer garbage", "Bearer ", "Basic YTpi", "Bearer \u00e9", "x"]
    )
    def test_an_invalid_token_without_origin_is_rejected(
        self, server: Served, cup: int, authorization: str
    ) -> None:
        headers = {"Authorization": authorization}
        assert rejected(server, cup, origin=None, additional_headers=headers) == 403

    def test_a_valid_token_without_origin_is_accepted(
        self, server: Served, cup: int, organizer: dict[str, str]
    ) -> None:
        with welcomed(server, cup, origin=None, additional_headers=organizer):
            pass

    def test_an_expired_token_without_origin_is_rejected(self, server: Served, cup: int) -> None:
        expired = server.player()
        server.manage(
            "shell",
            "--command",
            "from apps.accounts.models import *; from django.utils import timezone;"
            "ApiToken.objects.filter(pk=ApiToken.objects.latest('pk').pk)"
            ".update(expires_at=timezone.now())",
        )
        assert rejected(server, cup, origin=None, additional_headers=expired) == 403

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
    def test_an_unknown_path_is_rejected(self, server: Served, path: str) -> None:
        before = server.value("ws_connection_failures_total", reason="not_found") or 0
        with pytest.raises(InvalidStatus) as answer, server.connected(path):
            pass
        assert answer.value.response.status_code == 403
        assert server.value("ws_connection_failures_total", reason="not_found") == before + 1


def test_only_the_organizer_can_join_the_feed_of_a_draft(
    server: Served, organizer: dict[str, str], cup: int
) -> None:
    """By token, or by the session of a page."""
    values = {"name": "Secret", "game_title": "VALORANT", "capacity": 8}
    draft = server.post("/api/tournaments/", values, by=organizer)["id"]
    assert rejected(server, draft) == 403
    assert rejected(server, draft, additional_headers=server.player()) == 403
    assert rejected(server, draft, additional_headers={"Cookie": "sessionid=invalid"}) == 403
    for headers in (organizer, session_cookie(server, organizer)):
        with welcomed(server, draft, additional_headers=headers):
            pass
