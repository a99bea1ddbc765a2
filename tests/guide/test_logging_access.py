"""Every request and every socket has one line, also those that Django never saw."""

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from django.test import Client
from websockets.exceptions import InvalidStatus

from apps.core import context, thread_pool
from apps.core.http import client_ip
from apps.core.http.access_log import AccessLog
from apps.core.http.access_records import CLIENT_CLOSED_REQUEST
from apps.core.http.asgi_handler import OneHopHandler
from apps.core.thread_pool import Threads
from stack.waiting import eventually
from tests.api.served import Served, served
from tests.guide.logging_tools import Line, parsed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("access"), BEHIND_TLS_PROXY="0") as running:
        yield running


def access(server: Served, **fields: object) -> list[Line]:
    lines = [parsed(text) for text in server.log.read_text().splitlines()]
    return [
        one
        for one in lines
        if one["logger"] == "apps.core.http.access_log" and fields.items() <= one.items()
    ]


def the_line(server: Served, **fields: object) -> Line:
    found: list[Line] = []

    def there() -> None:
        found[:] = access(server, **fields)
        assert len(found) == 1, found

    eventually(there)
    return found[0]


async def got(path: str) -> httpx.Response:
    """From Django's handler with the line around it, in this process."""
    transport = httpx.ASGITransport(app=AccessLog(OneHopHandler()))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get(path)


class TestRequests:
    def test_a_line_has_route_status_duration_bytes_client_and_user(self, server: Served) -> None:
        player = server.player()
        cup = server.opened(player)
        path = f"/api/tournaments/{cup}/registrations"
        answer = server.http.post(path, headers=player | {"X-Request-ID": "has-it-all"})
        line = the_line(server, request_id="has-it-all")
        assert (line["method"], line["path"], line["status"]) == ("POST", path, 201)
        assert line["route"] == "api/tournaments/<tournament_id>/registrations"
        assert line["bytes"] == len(answer.content)
        assert line["client"] == "127.0.0.1"
        assert line["user_id"] == answer.json()["player"]["id"]
        assert 0 < line["duration_ms"] < 10_000

    def test_who_has_signed_in_by_session_is_known_too(self, server: Served) -> None:
        server.manage(
            "createsuperuser", "--noinput", "--username", "boss", "--email", "b@b.example"
        )
        server.manage(
            "shell", "-c",
            "from apps.accounts.models import User; u = User.objects.get(username='boss');"
            "u.set_password('correct-horse-battery'); u.save()",
        )  # fmt: skip
        page = server.http.get("/admin/login/")
        server.http.post(
            "/admin/login/?next=/admin/",
            data={"username": "boss", "password": "correct-horse-battery",
                  "csrfmiddlewaretoken": page.cookies["csrftoken"]},
            headers={"Referer": server.origin},
        )  # fmt: skip
        server.http.get("/admin/", headers={"X-Request-ID": "in-a-session"})
        server.http.cookies.clear()
        line = the_line(server, request_id="in-a-session")
        assert (line["status"], line["route"]) == (200, "admin/")
        assert isinstance(line["user_id"], int)
        assert "correct-horse-battery" not in server.log.read_text()

    def test_the_front_page_has_a_route_too(self, server: Served) -> None:
        server.http.get("/", headers={"X-Request-ID": "front-page"})
        assert the_line(server, request_id="front-page")["route"] == "/"

    def test_a_path_that_leads_nowhere_has_no_route(self, server: Served) -> None:
        server.http.get("/nowhere?token=s3cret-in-the-query", headers={"X-Request-ID": "nowhere-1"})
        line = the_line(server, request_id="nowhere-1")
        assert (line["status"], line["route"], line["path"]) == (404, "", "/nowhere")
        assert "s3cret-in-the-query" not in server.log.read_text()

    def test_a_line_break_in_the_path_stays_in_the_path(self, server: Served) -> None:
        fake = '%0A{"level":"CRITICAL"}%0D%1B[31m'
        server.http.get(f"/x{fake}", headers={"X-Request-ID": "line-break"})
        line = the_line(server, request_id="line-break")
        assert line["path"] == '/x\n{"level":"CRITICAL"}\r\x1b[31m'

    def test_neither_does_a_header_or_a_username_forge_a_line(self, server: Served) -> None:
        fake = 'x", "level": "CRITICAL", "message": "forged'
        headers = {
            "X-Request-ID": fake,
            "User-Agent": fake,
            "Origin": fake,
            "X-Forwarded-For": fake,
        }
        who = {"username": "a\nb" + fake, "password": "correct-horse-battery"}
        server.http.post("/api/accounts/", json=who, headers=headers)
        lines = [parsed(text) for text in server.log.read_text().splitlines()]
        assert not [one for one in lines if one["message"] == "forged"]

    def test_a_long_path_is_cut(self, server: Served) -> None:
        server.http.get("/" + "x" * 3000, headers={"X-Request-ID": "long-path"})
        assert len(the_line(server, request_id="long-path")["path"]) == 256

    def test_probes_scrapes_and_static_files_have_none(self, server: Served) -> None:
        for path in ("/healthz", "/readiness", "/metrics/"):
            server.http.get(path, headers={"X-Request-ID": f"probe{path.replace('/', '-')}"})
        server.http.get("/nowhere", headers={"X-Request-ID": "after-probes"})
        the_line(server, request_id="after-probes")
        assert not [one for one in access(server) if one["request_id"].startswith("probe-")]

    def test_a_client_that_does_not_wait_is_a_499(self, server: Served) -> None:
        request = (
            f"POST /api/tournaments/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            "Content-Length: 1000\r\nX-Request-ID: went-away\r\n\r\nhalf"
        )
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(request.encode())
        # daphne hands a request over when its body is there, and drops it before that.
        server.http.get("/nowhere", headers={"X-Request-ID": "came-after"})
        the_line(server, request_id="came-after")
        assert [one["status"] for one in access(server, request_id="went-away")] in (
            [],
            [CLIENT_CLOSED_REQUEST],
        )


class TestWhatDjangoNeverSaw:
    """In this process, with Django's handler and the line around it."""

    @pytest.fixture(autouse=True)
    def _our_views(self, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
        settings.ROOT_URLCONF = "tests.core.urls"
        caplog.set_level(logging.INFO, "apps.core.http.access_log")
        context.replace({})

    def _last(self, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
        return vars([one for one in caplog.records if one.name == "apps.core.http.access_log"][-1])

    async def test_the_503_of_overload_has_its_line(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full = Threads("full", 1, 0)
        monkeypatch.setattr(thread_pool, "web_threads", lambda: full)
        answer = await got("/whoami")
        line = self._last(caplog)
        assert (answer.status_code, line["status"], line["levelname"]) == (503, 503, "WARNING")
        assert line["bytes"] == len(answer.content)
        assert line["route"] == ""

    async def test_the_bytes_of_a_stream_are_counted_as_they_go(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await got("/stream")
        line = self._last(caplog)
        assert (line["bytes"], line["route"]) == (len(answer.content), "stream")
        assert "complete" not in line

    async def test_a_stream_that_breaks_off_is_logged_as_incomplete(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def breaks(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise asyncio.CancelledError

        async def nothing(*_: Any) -> None:
            pass

        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [],
            "client": None,
        }
        with pytest.raises(asyncio.CancelledError):
            await AccessLog(breaks)(scope, nothing, nothing)
        line = self._last(caplog)
        assert (line["status"], line["bytes"], line["complete"]) == (200, 4, False)
        assert line["client"] == "-"

    def test_without_asgi_the_middleware_notes_nothing_and_breaks_nothing(self) -> None:
        assert Client().get("/whoami").status_code == 200


class TestSockets:
    def test_a_socket_has_a_line_when_it_ends(self, server: Served) -> None:
        player = server.player()
        cup = server.opened(player)
        path = f"/ws/tournaments/{cup}/"
        headers = player | {"X-Request-ID": "a-long-socket"}
        with server.connected(path, origin=None, additional_headers=headers) as client:
            sent = len(client.recv(timeout=180))
        line = the_line(server, request_id="a-long-socket")
        assert line["message"] == "WebSocket closed"
        assert (line["path"], line["code"], line["tournament_id"]) == (path, 1000, cup)
        assert line["bytes"] >= sent
        assert isinstance(line["user_id"], int)
        assert line["client"] == "127.0.0.1"

    @pytest.mark.parametrize(
        ("reason", "path", "origin"),
        [
            ("origin", "/ws/tournaments/1/", "https://evil.example"),
            ("unauthenticated", "/ws/tournaments/1/", None),
            ("not_found", "/ws/nowhere/", "ours"),
        ],
    )
    def test_a_refused_one_says_why(
        self, server: Served, reason: str, path: str, origin: str | None
    ) -> None:
        identifier = f"refused-{reason}"
        options: dict[str, Any] = {
            "origin": server.origin if origin == "ours" else origin,
            "additional_headers": {"X-Request-ID": identifier},
        }
        with pytest.raises(InvalidStatus) as refused, server.connected(path, **options):
            pass
        assert refused.value.response.status_code == 403
        line = the_line(server, request_id=identifier)
        assert (line["message"], line["reason"]) == ("WebSocket refused", reason)
        assert (line["status"], line["path"]) == (403, path)


class TestClientAddress:
    SCOPE: ClassVar[dict[str, Any]] = {
        "client": ("10.0.0.9", 5000),
        "headers": [(b"x-forwarded-for", b"6.6.6.6, 8.8.8.8")],
    }

    def test_a_clients_word_for_it_is_not_taken(self) -> None:
        assert client_ip.of_scope(self.SCOPE) == "10.0.0.9"

    def test_that_of_our_own_proxy_is_and_it_stands_last(self, settings: Any) -> None:
        settings.TRUSTED_PROXIES = 1
        assert client_ip.of_scope(self.SCOPE) == "8.8.8.8"
        for odd in (b"", b"unknown", b'1.2.3.4\n{"x"'):
            assert client_ip.of_scope({**self.SCOPE, "headers": [(b"x-forwarded-for", odd)]}) == (
                "10.0.0.9"
            )


def test_the_log_of_a_whole_server_is_json(server: Served, tmp_path: Path) -> None:
    for text in server.log.read_text().splitlines():
        json.loads(text)
