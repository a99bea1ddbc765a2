"""The one-hop handler behaves like Django's handler, and bounds its queue."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.core.signals import request_finished
from httpx import AsyncClient

from apps.core import context, thread_pool
from apps.core.http.asgi_handler import OneHopHandler
from apps.core.http.request_metrics import NO_VIEW
from apps.core.prometheus.aliases import BY_METHOD
from apps.core.thread_pool import Threads
from tests import samples
from tests.asgi import client_of
from tests.core import urls

BY_VIEW = "django_http_responses_total_by_status_view_method_total"


@pytest.fixture(autouse=True)
def _test_views(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.core.urls"


@pytest.fixture
def web() -> AsyncClient:
    return client_of(OneHopHandler())


async def test_a_large_body_arrives_completely(web: AsyncClient) -> None:
    parts = {"small": b"s", "large": b"x" * 5_000_000}
    answer = await web.post("/upload", files=parts)
    assert answer.json() == {"small": 1, "large": 5_000_000}


async def test_a_chunked_form_arrives_and_its_size_is_counted(web: AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'--limit\r\nContent-Disposition: form-data; name="it"; filename="it"\r\n\r\n'
        yield b"x" * 100_000
        yield b"\r\n--limit--\r\n"

    size = samples.increase("django_http_requests_body_total_bytes_sum")
    headers = {"content-type": "multipart/form-data; boundary=limit"}
    answer = await web.post("/upload", content=chunks(), headers=headers)
    assert "content-length" not in answer.request.headers
    assert answer.json() == {"it": 100_000}
    assert size() == sum([len(chunk) async for chunk in chunks()])


async def test_cookies_are_received_and_set(web: AsyncClient) -> None:
    answer = await web.get("/cookies", headers={"cookie": "given=yes"})
    assert answer.text == "yes"
    assert answer.headers.get_list("set-cookie") == ["one=1; Path=/", "two=2; HttpOnly; Path=/"]


async def test_each_chunk_of_a_stream_is_produced_in_a_worker_thread(web: AsyncClient) -> None:
    answer = await web.get("/stream")
    assert answer.text == "0 in web\n1 in web\n2 in web\n"


async def test_a_file_is_sent_completely(web: AsyncClient) -> None:
    answer = await web.get("/file")
    assert "Views for tests" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/whoami", "/stream"])
async def test_a_response_is_closed_once_and_in_a_worker_thread(
    path: str, web: AsyncClient
) -> None:
    closed_in: list[str] = []

    def note_thread(**_: object) -> None:
        closed_in.append(threading.current_thread().name.partition("_")[0])

    request_finished.connect(note_thread, sender=OneHopHandler)
    await web.get(path)
    request_finished.disconnect(note_thread, sender=OneHopHandler)
    assert closed_in == ["web"]


@pytest.mark.parametrize("path", ["/boom", "/api/boom"])
async def test_an_exception_is_a_500(path: str, web: AsyncClient) -> None:
    answer = await web.get(path)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    if path.startswith("/api/"):
        assert answer.json()["error"]["code"] == "server_error"


async def test_context_variables_reach_the_worker_thread(web: AsyncClient) -> None:
    with context.bound(request_id="bound-outside"):
        answer = await web.get("/whoami")
    assert answer.json()["request_id"] == "bound-outside"
    assert answer.json()["thread"].startswith("web")


async def test_context_variables_of_a_request_do_not_leak_into_the_next(web: AsyncClient) -> None:
    for _ in range(20):
        await web.get("/boom")
    for _ in range(20):
        assert (await web.get("/whoami")).json().keys() == {"thread"}


async def test_a_client_that_disconnects_while_sending_is_not_an_error() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "path": "/upload", "headers": []}
    await OneHopHandler()(scope, receive, send)


async def test_too_many_concurrent_requests_get_a_503_with_retry_after(
    web: AsyncClient, settings: Any
) -> None:
    settings.WEB_THREADS = 1
    thread_pool.web_threads.cache_clear()
    labels = {"method": "GET", "status": "503"}
    refused = samples.increase("web_requests_refused_total")
    failed = samples.increase(BY_METHOD, **labels)
    by_view = [samples.increase(BY_VIEW, view=view, **labels) for view in ("whoami", NO_VIEW)]
    urls.release.clear()
    try:
        held = [asyncio.create_task(web.get("/hold")) for _ in range(1 + 32)]
        while thread_pool.web_threads().waiting < 32:
            await asyncio.sleep(0.01)
        answer = await web.get("/whoami")
        await web.get("/made-up/by-a-client")
    finally:
        urls.release.set()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["error"]["code"] == "overloaded"
    assert (refused(), failed()) == (2, 2)
    assert [increase() for increase in by_view] == [1, 1]
    assert {response.status_code for response in await asyncio.gather(*held)} == {200}
    thread_pool.web_threads.cache_clear()


async def test_a_running_job_completes_after_its_caller_is_cancelled() -> None:
    pool, began, done = Threads("test", 1, 1), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    urls.release.clear()

    def job() -> None:
        loop.call_soon_threadsafe(began.set)
        urls.release.wait(5)
        loop.call_soon_threadsafe(done.set)

    caller = asyncio.create_task(pool.run(job))
    await began.wait()
    caller.cancel()
    urls.release.set()
    await asyncio.wait_for(done.wait(), 5)
