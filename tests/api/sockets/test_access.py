"""Handshakes: pages need their own Origin, programs need a token."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.api.served import Headers, Served
from tests.factories import PASSWORD

OTHER_ORIGINS = (
    "https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://127.0.0.1", "http://localhost:{port}",
    "http://evil.example", "http://127.0.0.1.evil.example:{port}", "http://evil127.0.0.1:{port}",
    "http://user@127.0.0.1:{port}", "http://127.0.0.1:{port}@evil.example",
    "http://127.0.0.1:{port}/path", "ws://127.0.0.1:{port}", "//127.0.0.1:{port}", "null", "file://",
)  # fmt: skip
MALFORMED_ORIGINS = (
    "127.0.0.1", "*", "http://", "http://[::1", "http://h:99999", "http://127.0.0.1:80.evil",
)  # fmt: skip
INVALID_TOKENS = ("Bearer garbage", "Bearer ", "Basic YTpi", "Bearer \u00e9", "x")
UNKNOWN_PATHS = (
    "/ws/tournaments/999999/", f"/ws/tournaments/{2**63}/", "/ws/tournaments/" + "9" * 4000 + "/",
    "/ws/tournaments/cup/", "/ws/tournaments/-1/", "/ws/tournaments/", "/ws/", "/", "/healthz",
    "/metrics/", "/static/x.js", "/ws/%00/",
)  # fmt: skip
EVIL = "http://evil.example"
EXPIRE_LAST_TOKEN = """
from apps.accounts.models import ApiToken
from django.utils import timezone
ApiToken.objects.filter(pk=ApiToken.objects.latest("pk").pk).update(expires_at=timezone.now())
"""


def rejected(server: Served, cup: int | str, **options: Any) -> int:
    """The status of a handshake with a tournament, or with a path."""
    path = cup if isinstance(cup, str) else f"/ws/tournaments/{cup}/"
    with pytest.raises(InvalidStatus) as answer, server.connected(path, **options):
        pass
    status: int = answer.value.response.status_code
    return status


@contextmanager
def counted_as(server: Served, reason: str) -> Iterator[None]:
    """The block counts one failure with this reason."""
    before = server.value("ws_connection_failures_total", reason=reason) or 0
    yield
    assert server.value("ws_connection_failures_total", reason=reason) == before + 1


def session_cookie(server: Served, token: Headers) -> Headers:
    name = server.http.get("/api/accounts/me", headers=token).json()["username"]
    with httpx.Client(base_url=server.origin, headers={"Origin": server.origin}) as browser:
        browser.get("/sign-in")
        form = {"username": name, "password": PASSWORD}
        csrf = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/sign-in", data=form | csrf).status_code == 302
        return {"Cookie": f"sessionid={browser.cookies['sessionid']}"}


@pytest.mark.parametrize("origin", OTHER_ORIGINS)
def test_another_origin_is_rejected(server: Served, cup: int, origin: str) -> None:
    with counted_as(server, "origin"):
        assert rejected(server, cup, origin=origin.format(port=server.port)) == 403


@pytest.mark.parametrize("origin", MALFORMED_ORIGINS)
def test_a_malformed_origin_is_a_bad_request(server: Served, cup: int, origin: str) -> None:
    assert rejected(server, cup, origin=origin) == 400


def test_a_token_allows_no_other_origin(server: Served, cup: int, organizer: Headers) -> None:
    assert rejected(server, cup, origin=EVIL, additional_headers=organizer) == 403


def test_a_foreign_host_does_not_allow_its_origin(server: Served, cup: int) -> None:
    host = {"Host": "evil.example"}
    assert rejected(server, cup, origin=EVIL, additional_headers=host) in {400, 403}


@pytest.mark.parametrize("token", [None, *INVALID_TOKENS])
def test_a_socket_needs_an_origin_or_a_token(server: Served, cup: int, token: str | None) -> None:
    headers = {"Authorization": token} if token is not None else {}
    with counted_as(server, "unauthenticated"):
        assert rejected(server, cup, origin=None, additional_headers=headers) == 403


def test_a_token_without_origin_is_accepted(server: Served, cup: int, organizer: Headers) -> None:
    with server.welcomed(cup, origin=None, additional_headers=organizer):
        pass


def test_an_expired_token_without_origin_is_rejected(server: Served, cup: int) -> None:
    expired = server.player()
    server.manage("shell", "-v0", "-c", EXPIRE_LAST_TOKEN)
    assert rejected(server, cup, origin=None, additional_headers=expired) == 403


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_an_unknown_path_is_rejected(server: Served, path: str) -> None:
    with counted_as(server, "not_found"):
        assert rejected(server, path) == 403


def test_only_the_organizer_joins_the_feed_of_a_draft(server: Served, organizer: Headers) -> None:
    """By token, or by the session of a page."""
    values = {"name": "Secret", "game_title": "VALORANT", "capacity": 8}
    draft = server.post("/api/tournaments/", values, by=organizer)["id"]
    assert rejected(server, draft) == 403
    assert rejected(server, draft, additional_headers=server.player()) == 403
    assert rejected(server, draft, additional_headers={"Cookie": "sessionid=invalid"}) == 403
    for headers in (organizer, session_cookie(server, organizer)):
        with server.welcomed(draft, additional_headers=headers):
            pass
