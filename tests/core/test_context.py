"""A request has an id, which all its work knows and its response returns."""

import json
import re
from typing import Any

import pytest
from httpx import AsyncClient

from apps.core import context
from apps.core.http.request_context import RequestContext
from apps.core.types import Receive, Scope, Send
from tests.asgi import client_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def reports_its_context(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {name.decode(): value.decode("latin1") for name, value in scope["headers"]}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    body = json.dumps(headers | context.current()).encode()
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def web() -> AsyncClient:
    return client_of(RequestContext(reports_its_context))


@pytest.mark.parametrize("given", ["a-good-id", TRACE, "x" * 64])
async def test_a_well_formed_id_is_kept(given: str, web: AsyncClient) -> None:
    answer = await web.get("/", headers={"x-request-id": given})
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given",
    [b"", b"short", b"x" * 65, b"with a blank", b"semi;colon", b'quo"te-quote', b"\xc3\xa9" * 8],
)
async def test_any_other_id_is_replaced(given: bytes, web: AsyncClient) -> None:
    answer = await web.get("/", headers={b"x-request-id": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.json()["request_id"])
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_the_id_is_unknown_after_the_request(web: AsyncClient) -> None:
    await web.get("/")
    assert context.request_id() == "-"


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
        {"sentry-trace": f"{TRACE}-00f067aa0ba902b7"},
        {"sentry-trace": f"{TRACE}-00f067aa0ba902b7-1", "baggage": "sentry-sample_rand=0"},
    ],
)
async def test_a_callers_trace_is_continued_without_its_sampling_decision(
    headers: dict[str, str], web: AsyncClient
) -> None:
    report = (await web.get("/", headers=headers)).json()
    assert report["trace_id"] == TRACE
    assert re.fullmatch(f"{TRACE}-[0-9a-f]{{16}}", report["sentry-trace"])
    assert "baggage" not in report


@pytest.mark.parametrize(
    "given", ["", "00-zz-00-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", "x" * 9000]
)
async def test_without_a_usable_trace_a_new_one_begins(given: str, web: AsyncClient) -> None:
    report = (await web.get("/", headers={"traceparent": given})).json()
    assert re.fullmatch("[0-9a-f]{32}", report["trace_id"])
    assert report["sentry-trace"].startswith(report["trace_id"])


async def test_a_socket_has_a_request_id() -> None:
    sent: list[Any] = []

    async def accept(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    scope = {"type": "websocket", "headers": [(b"x-request-id", b"socket-id")]}
    await RequestContext(accept)(scope, receive, send)
    assert (b"x-request-id", b"socket-id") in sent[0]["headers"]


def test_fields_of_a_block_end_with_it() -> None:
    with context.bound(request_id="outer"):
        with context.bound(match_id=3):
            assert context.current() == {"request_id": "outer", "match_id": 3}
        assert context.current() == {"request_id": "outer"}
    assert context.current() == {}


@pytest.mark.usefixtures("tasks_in_process")
def test_a_task_sent_by_a_task_has_its_own_task_id_and_the_same_request_id() -> None:
    from deltacrown.celery import app

    seen: list[dict[str, object]] = []

    @app.task(name="tests.inner")
    def inner() -> None:
        seen.append(dict(context.current()))

    @app.task(name="tests.outer")
    def outer() -> None:
        seen.append(dict(context.current()))
        inner.delay()
        seen.append(dict(context.current()))

    outer.delay()
    for name in ("tests.inner", "tests.outer"):
        app.tasks.pop(name)
    before, within, after = seen
    assert (before["task"], within["task"]) == ("tests.outer", "tests.inner")
    assert before["task_id"] != within["task_id"]
    assert before["request_id"] == within["request_id"]
    assert after == before
