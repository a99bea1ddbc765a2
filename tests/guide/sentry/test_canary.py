"""A secret in every place a client can put one: in no envelope, no log line and no label."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async

from apps.core import context, logs
from tests import factories
from tests.envelopes import Kept
from tests.guide.sentry.application import ORIGIN, Application, repeating_task

pytestmark = pytest.mark.django_db(transaction=True)
# With what JSON, URLs and headers escape each in its way.
CANARY = "canary-4242424242424242"
PHRASE = f"{CANARY} with spaces, “quotes” & ümlauts"
BASIC = base64.b64encode(f"alice:{CANARY}".encode()).decode()

HEADERS: dict[str, Any] = {
    "authorization": f"Bearer {CANARY}",
    "basic authorization": f"Basic {BASIC}",
    "cookie": f"sessionid={CANARY}; csrftoken={CANARY}; other={CANARY}",
    "user-agent": f"Mozilla/5.0 {CANARY} Chrome/131.0.{CANARY}",
    "referer": f"http://testserver/reset/{CANARY}?token={CANARY}",
    "origin": f"https://{CANARY}.example",
    "host": f"{CANARY}.example",
    "content-type": f"application/json; boundary={CANARY}",
    "accept-language": CANARY,
    "idempotency-key": CANARY,
    "x-csrftoken": CANARY,
    "x-forwarded-for": f"{CANARY}, 127.0.0.1",
    "x-request-id": f"{CANARY}+/==",
    "traceparent": f"00-{CANARY}-{CANARY}-01",
    "sentry-trace": f"{CANARY}-{CANARY}-1",
    "baggage": f"sentry-trace_id={CANARY},sentry-release={CANARY},other={CANARY}",
    f"x-{CANARY}": "its name",
}
BODIES: dict[str, dict[str, Any]] = {
    "json": {"json": {"password": CANARY, CANARY: [{"card": PHRASE}]}},
    "form": {"data": {"password": PHRASE, CANARY: "1"}},
    "multipart": {"data": {"note": PHRASE}, "files": {"avatar": (f"{CANARY}.png", b"\x89PNG")}},
    "text": {"content": PHRASE.encode()},
    "long": {"content": b"x " * 10_000 + PHRASE.encode()},
    "many": {"content": " ".join([f"{number:08}" for number in range(900)] + [PHRASE]).encode()},
}  # fmt: skip


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Every line, of every level, as production writes them."""
    output, root = io.StringIO(), logging.getLogger()
    definition = logs.config(format="json", levels={}, file="")
    handler = logging.StreamHandler(output)
    handler.setFormatter(definition["formatters"]["json"]["()"]())
    handler.addFilter(definition["filters"]["context"]["()"]())
    # The test's own client.
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore", "asyncio")))
    root.addHandler(handler)
    yield output
    root.removeHandler(handler)


class Told:
    """All that is told of what happens in a test."""

    def __init__(self, application: Application, sent: Kept, lines: io.StringIO) -> None:
        self.application, self.sent, self.lines = application, sent, lines

    async def nothing_of_it(self) -> None:
        labels = (await self.application.ask("GET", "/metrics/")).text
        assert "django_http_requests_total_by_method" in labels
        for what in (self.sent.text(), self.lines.getvalue(), labels):
            assert CANARY[:12] not in what.lower(), around(what.lower())
            assert BASIC not in what


def around(text: str) -> str:
    at = text.index(CANARY[:12])
    return text[max(0, at - 300) : at + 100]


@pytest.fixture
def told(application: Application, sent_to_sentry: Kept, lines: io.StringIO) -> Told:
    return Told(application, sent_to_sentry, lines)


@pytest.mark.parametrize("name", HEADERS)
async def test_in_a_header(told: Told, name: str) -> None:
    for url in ("/fails", "/known", "/nowhere", "/api/wallet"):
        headers = {name.removeprefix("basic "): HEADERS[name]}
        await told.application.ask("GET", url, headers=headers)
        await told.application.ask("POST", url, headers=headers, content=b"{}")
    assert told.sent.transactions()
    await told.nothing_of_it()


@pytest.mark.parametrize(
    "url",
    [
        f"/fails?token={CANARY}&{CANARY}=1",
        f"/nowhere/{CANARY}",
        f"/{CANARY}",
        f"/api/tournaments/{CANARY}",
        f"/fails/{CANARY}.php",
    ],
)
async def test_in_the_url(told: Told, url: str) -> None:
    for method in ("GET", "POST", CANARY.upper()):
        await told.application.ask(method, url)
    assert told.sent.transactions()
    await told.nothing_of_it()


@pytest.mark.parametrize("kind", BODIES)
async def test_in_a_body(told: Told, kind: str) -> None:
    for url in ("/fails", "/api/accounts/token", "/api/payments", "/admin/login/"):
        await told.application.ask("POST", url, **BODIES[kind])
    assert told.sent.events()
    await told.nothing_of_it()


@pytest.mark.parametrize("kind", [*BODIES, "header", "query", "path"])
async def test_in_what_an_exception_says(told: Told, kind: str) -> None:
    """Locals, source of frames, breadcrumbs and the message itself: the view repeats all it was
    sent in each. Log lines have the message, as Sentry does where it is not the client's."""
    asked = {
        "header": {"headers": {"authorization": f"Basic {BASIC}", "x-note": CANARY}},
        "query": {"params": {"q": PHRASE}},
    }
    url = f"/repeats/{CANARY}" if kind == "path" else "/repeats/it"
    await told.application.ask("POST", url, **(asked | BODIES).get(kind, {}))
    [event] = told.sent.events()
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert "[Filtered]" in event["exception"]["values"][-1]["value"]
    assert [one for one in event["breadcrumbs"]["values"] if one["category"] == "repeated"]
    assert CANARY not in told.sent.text(), around(told.sent.text())
    assert "ümlauts" not in told.sent.text()


SOCKET_HEADERS: dict[str, str] = {
    name: value
    for name, value in HEADERS.items()
    if name in ("authorization", "cookie", "user-agent", "origin", "x-request-id", "baggage")
} | {"sec-websocket-protocol": CANARY}


@pytest.mark.parametrize("name", SOCKET_HEADERS)
async def test_in_a_sockets_handshake(told: Told, name: str) -> None:
    for path in ("/ws/tournaments/17/", "/ws/nowhere"):
        headers = {"host": "testserver", "origin": ORIGIN, name: SOCKET_HEADERS[name]}
        await told.application.socket(path, **headers).connect()
    await told.nothing_of_it()


@pytest.mark.parametrize("path", [f"/ws/tournaments/17/?token={CANARY}", f"/ws/{CANARY}/"])
async def test_in_a_sockets_url(told: Told, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.tournaments.consumers.tournament_exists", None)
    await told.application.socket(path, host="testserver", origin=ORIGIN).connect()
    assert told.sent.events()
    await told.nothing_of_it()


MESSAGES = [
    CANARY,
    json.dumps({"type": CANARY}),
    json.dumps({"type": "ping", "token": CANARY, CANARY: CANARY}),
    json.dumps({"type": "sync", "since": CANARY}),
    json.dumps([CANARY]),
    CANARY * 4000,
]


async def test_in_a_sockets_messages(told: Told) -> None:
    """The first frame and all after it."""
    cup = await database_sync_to_async(factories.make_tournament)()
    for first in MESSAGES:
        path = f"/ws/tournaments/{cup.pk}/"
        socket = told.application.socket(path, host="testserver", origin=ORIGIN)
        assert (await socket.connect())[0]
        for text in (first, *MESSAGES):
            await socket.send_to(text)
        await socket.send_to(bytes_data=CANARY.encode())
        await socket.send_json_to({"type": "ping"})
        while json.loads(await socket.receive_from(5)).get("type") != "pong":
            pass
        await socket.disconnect()
    assert {one["transaction"] for one in told.sent.transactions()} == {"ws ping", "ws sync"}
    await told.nothing_of_it()


async def test_in_the_message_that_a_socket_fails_at(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    cup = await database_sync_to_async(factories.make_tournament)()

    async def repeats(self: Any, message: dict[str, Any]) -> None:
        secret = message["secret"]
        context.bind(note=len(secret))
        raise RuntimeError(f"cannot do {secret}")

    monkeypatch.setattr("apps.tournaments.consumers.TournamentConsumer.handlers", {"ping": repeats})
    path = f"/ws/tournaments/{cup.pk}/"
    socket = told.application.socket(path, host="testserver", origin=ORIGIN)
    assert (await socket.connect())[0]
    await socket.send_json_to({"type": "ping", "secret": PHRASE})
    await socket.wait(5)
    [event] = told.sent.events()
    assert event["exception"]["values"][-1]["value"] == "cannot do [Filtered]"
    assert CANARY not in told.sent.text(), around(told.sent.text())


@pytest.mark.usefixtures("tasks_in_process")
def test_in_a_tasks_arguments(application: Application, sent_to_sentry: Kept) -> None:
    with pytest.raises(RuntimeError):
        repeating_task.apply(args=(CANARY,), kwargs={"by_name": {"note": [PHRASE]}}, throw=True)
    [event] = sent_to_sentry.events()
    assert event["exception"]["values"][-1]["value"] == "cannot do [Filtered] with [Filtered]"
    assert event["transaction"] == "tests.repeating_task"
    assert CANARY not in sent_to_sentry.text(), around(sent_to_sentry.text())


@pytest.mark.usefixtures("tasks_in_process")
def test_a_tasks_arguments_are_no_log_lines(
    application: Application, sent_to_sentry: Kept, lines: io.StringIO
) -> None:
    repeating_task.apply_async(args=(CANARY,), kwargs={"by_name": {}, "fails": False})
    assert "Task ended" in lines.getvalue()
    assert CANARY not in sent_to_sentry.text() + lines.getvalue()
