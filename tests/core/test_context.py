"""A request id goes in, is known everywhere, and comes out again."""

import re
from typing import Any

import pytest

from apps.core import context
from apps.core.http.request_context import RequestContext
from apps.core.types import Receive, Scope, Send
from tests.core.conftest import Client


async def replies_with_its_id(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": context.request_id().encode()})


@pytest.mark.parametrize("given", ["a-good-id", "4bf92f3577b34da6a3ce929d0e0e4736", "x" * 64])
async def test_a_well_formed_id_is_kept(given: str, client_of: Client) -> None:
    answer = await client_of(RequestContext(replies_with_its_id)).get(
        "/", headers={"x-request-id": given}
    )
    assert (answer.text, answer.headers["x-request-id"]) == (given, given)


@pytest.mark.parametrize(
    "given",
    [b"", b"short", b"x" * 65, b"with a blank", b"semi;colon", b'quo"te-quote', b"\xc3\xa9" * 8],
)
async def test_any_other_is_replaced(given: bytes, client_of: Client) -> None:
    headers = {b"x-request-id": given}
    answer = await client_of(RequestContext(replies_with_its_id)).get("/", headers=headers)
    assert re.fullmatch("[0-9a-f]{32}", answer.text)
    assert answer.headers["x-request-id"] == answer.text


async def test_nothing_of_it_is_known_after_the_request(client_of: Client) -> None:
    await client_of(RequestContext(replies_with_its_id)).get("/")
    assert context.request_id() == "-"


async def test_a_socket_has_one_too() -> None:
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


def test_what_is_bound_for_a_block_is_gone_after_it() -> None:
    with context.bound(request_id="outer"):
        with context.bound(match_id=3):
            assert context.current() == {"request_id": "outer", "match_id": 3}
        assert context.current() == {"request_id": "outer"}
    assert context.current() == {}


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def tells_trace(scope: Scope, receive: Receive, send: Send) -> None:
    headers = dict(scope["headers"])
    reply = f"{context.current()['trace_id']} {headers[b'sentry-trace'].decode()}"
    reply += f" {b'baggage' in headers}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": reply.encode()})


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
        {"sentry-trace": f"{TRACE}-00f067aa0ba902b7"},
        {"sentry-trace": f"{TRACE}-00f067aa0ba902b7-1", "baggage": "sentry-sample_rand=0"},
    ],
)
async def test_a_callers_trace_is_gone_on_with_but_not_its_sampling(
    headers: dict[str, str], client_of: Client
) -> None:
    answer = await client_of(RequestContext(tells_trace)).get("/", headers=headers)
    trace, for_sentry, baggage = answer.text.split()
    assert trace == TRACE
    assert re.fullmatch(f"{TRACE}-[0-9a-f]{{16}}", for_sentry)
    assert baggage == "False"


@pytest.mark.parametrize(
    "given", ["", "00-zz-00-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", "x" * 9000]
)
async def test_without_a_usable_trace_a_new_one_begins(given: str, client_of: Client) -> None:
    client = client_of(RequestContext(tells_trace))
    trace, for_sentry, _ = (await client.get("/", headers={"traceparent": given})).text.split()
    assert re.fullmatch("[0-9a-f]{32}", trace)
    assert for_sentry.startswith(trace)


@pytest.mark.usefixtures("tasks_in_process")
def test_a_task_that_a_task_sends_has_a_number_of_its_own_and_the_request_of_both() -> None:
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
