"""Every request and every socket has one line, even if Django does not handle it."""

import asyncio
import logging
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
from channels.db import database_sync_to_async
from django.test import Client
from websockets.exceptions import InvalidStatus

from apps.core import context, thread_pool
from apps.core.http import client_ip
from apps.core.http.access_log import CLIENT_CLOSED_REQUEST, AccessLog
from apps.core.http.asgi_handler import OneHopHandler
from apps.core.thread_pool import Threads
from stack.waiting import eventually_equal
from tests import factories
from tests.api.served import Served
from tests.asgi import client_of
from tests.guide.logging_tools import Line, lines_of

UPLOAD: Any = {"type": "http", "method": "POST", "path": "/upload", "headers": [], "client": None}


def access(server: Served, **fields: object) -> list[Line]:
    return lines_of(server.log, logger="apps.core.http.access_log", **fields)


def access_line(server: Served, **fields: object) -> Line:
    """Waits for the only access log line with these fields."""
    eventually_equal(lambda: len(access(server, **fields)), 1)
    return access(server, **fields)[0]


def line_of_get(server: Served, path: str) -> Line:
    """The access log line of a GET request to the path."""
    identifier = uuid4().hex
    server.http.get(path, headers={"X-Request-ID": identifier})
    return access_line(server, request_id=identifier)


async def get(path: str, **headers: str) -> httpx.Response:
    """The response of Django's handler with the access log, in this process."""
    return await client_of(AccessLog(OneHopHandler())).get(path, headers=headers)


async def disconnected() -> Any:
    return {"type": "http.disconnect"}


async def nothing(*_: Any) -> None:
    pass


class TestRequests:
    def test_a_line_has_route_status_duration_bytes_client_and_user(self, server: Served) -> None:
        player = server.player()
        cup = server.opened(player)
        path = f"/api/tournaments/{cup}/registrations"
        answer = server.http.post(path, headers=player | {"X-Request-ID": "has-it-all"})
        line = access_line(server, request_id="has-it-all")
        assert (line["method"], line["path"], line["status"]) == ("POST", path, 201)
        assert line["route"] == "api/tournaments/<tournament_id>/registrations"
        assert line["bytes"] == len(answer.content)
        assert line["client"] == "127.0.0.1"
        assert line["user_id"] == answer.json()["player"]["id"]
        assert 0 < line["duration_ms"] < 10_000

    def test_the_front_page_has_a_route(self, server: Served) -> None:
        assert line_of_get(server, "/")["route"] == "/"

    def test_an_unknown_path_has_no_route(self, server: Served) -> None:
        line = line_of_get(server, "/nowhere?token=s3cret-in-the-query")
        assert (line["status"], line["route"], line["path"]) == (404, "", "/nowhere")
        assert "s3cret-in-the-query" not in server.log.read_text()

    def test_a_line_break_in_the_path_stays_in_the_path(self, server: Served) -> None:
        line = line_of_get(server, '/x%0A{"level":"CRITICAL"}%0D%1B[31m')
        assert line["path"] == '/x\n{"level":"CRITICAL"}\r\x1b[31m'

    def test_a_long_path_is_cut(self, server: Served) -> None:
        assert len(line_of_get(server, "/" + "x" * 3000)["path"]) == 256

    def test_headers_and_usernames_cannot_forge_a_line(self, server: Served) -> None:
        fake = 'x", "level": "CRITICAL", "message": "forged'
        headers = {
            "X-Request-ID": fake,
            "User-Agent": fake,
            "Origin": fake,
            "X-Forwarded-For": fake,
        }
        account = {"username": "a\nb" + fake, "password": "correct-horse-battery"}
        server.http.post("/api/accounts/", json=account, headers=headers)
        assert not lines_of(server.log, message="forged")

    def test_probes_and_scrapes_have_no_line(self, server: Served) -> None:
        for path in ("/healthz", "/readiness", "/metrics/"):
            server.http.get(path, headers={"X-Request-ID": f"probe{path.replace('/', '-')}"})
        line_of_get(server, "/nowhere")
        assert not [line for line in access(server) if line["request_id"].startswith("probe-")]


class TestHandler:
    """Django's handler with the access log, in this process."""

    @pytest.fixture(autouse=True)
    def _test_views(self, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
        settings.ROOT_URLCONF = "tests.core.urls"
        caplog.set_level(logging.INFO, "apps.core.http.access_log")
        context.replace({})

    def _last(self, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
        return vars([row for row in caplog.records if row.name == "apps.core.http.access_log"][-1])

    async def test_the_503_of_an_overloaded_process_has_a_line(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full = Threads("full", 1, 0)
        monkeypatch.setattr(thread_pool, "web_threads", lambda: full)
        answer = await get("/whoami")
        line = self._last(caplog)
        assert (answer.status_code, line["status"], line["levelname"]) == (503, 503, "WARNING")
        assert line["bytes"] == len(answer.content)
        assert line["route"] == ""

    @pytest.mark.django_db(transaction=True)
    async def test_the_user_of_a_session_is_on_the_line(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        user, client = await database_sync_to_async(factories.make_user)(), Client()
        await database_sync_to_async(client.force_login)(user)
        await get("/whoami", cookie=f"sessionid={client.cookies['sessionid'].value}")
        assert self._last(caplog)["user_id"] == user.pk

    async def test_the_bytes_of_a_stream_are_counted(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await get("/stream")
        line = self._last(caplog)
        assert (line["bytes"], line["route"]) == (len(answer.content), "stream")
        assert "complete" not in line

    async def test_a_request_of_a_disconnected_client_has_status_499(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        await AccessLog(OneHopHandler())(UPLOAD, disconnected, nothing)
        line = self._last(caplog)
        assert (line["status"], line["complete"]) == (CLIENT_CLOSED_REQUEST, False)

    async def test_an_interrupted_stream_is_incomplete(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def breaks(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await AccessLog(breaks)(UPLOAD, disconnected, nothing)
        line = self._last(caplog)
        assert (line["status"], line["bytes"], line["complete"]) == (200, 4, False)
        assert line["client"] == "-"

    def test_the_middleware_works_without_asgi(self) -> None:
        assert Client().get("/whoami").status_code == 200


class TestSockets:
    def test_a_socket_has_a_line_when_it_closes(self, server: Served) -> None:
        player = server.player()
        cup = server.opened(player)
        path = f"/ws/tournaments/{cup}/"
        headers = player | {"X-Request-ID": "a-long-socket"}
        with server.connected(path, origin=None, additional_headers=headers) as client:
            sent = len(client.recv(timeout=180))
        line = access_line(server, request_id="a-long-socket")
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
            ("not_found", "/ws/nowhere/", "own"),
        ],
    )
    def test_a_refused_socket_has_a_line_with_the_reason(
        self, server: Served, reason: str, path: str, origin: str | None
    ) -> None:
        identifier = f"refused-{reason}"
        options: dict[str, Any] = {
            "origin": server.origin if origin == "own" else origin,
            "additional_headers": {"X-Request-ID": identifier},
        }
        with pytest.raises(InvalidStatus) as refused, server.connected(path, **options):
            pass
        assert refused.value.response.status_code == 403
        line = access_line(server, request_id=identifier)
        assert (line["message"], line["reason"]) == ("WebSocket refused", reason)
        assert (line["status"], line["path"]) == (403, path)


class TestClientAddress:
    SCOPE: ClassVar[dict[str, Any]] = {
        "client": ("10.0.0.9", 5000),
        "headers": [(b"x-forwarded-for", b"6.6.6.6, 8.8.8.8")],
    }

    def test_forwarded_addresses_are_ignored_by_default(self) -> None:
        assert client_ip.of_scope(self.SCOPE) == "10.0.0.9"

    def test_the_address_that_a_trusted_proxy_adds_is_used(self, settings: Any) -> None:
        settings.TRUSTED_PROXIES = 1
        assert client_ip.of_scope(self.SCOPE) == "8.8.8.8"
        for invalid in (b"", b"unknown", b'1.2.3.4\n{"x"'):
            scope = self.SCOPE | {"headers": [(b"x-forwarded-for", invalid)]}
            assert client_ip.of_scope(scope) == "10.0.0.9"
