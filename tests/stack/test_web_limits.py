"""The metrics of a web process at its limits. The metrics endpoint needs no thread of the pool."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from stack.processes import Process, Stack
from stack.prometheus import samples
from stack.waiting import eventually, eventually_equal
from tests import stacks

pytestmark = pytest.mark.stack

QUEUED_PER_THREAD = 32


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1 + QUEUED_PER_THREAD) as pool:
        yield pool


@contextmanager
def blocked_requests(
    stack: Stack, clients: ThreadPoolExecutor, web: Process, count: int
) -> Iterator[list[Future[httpx.Response]]]:
    """Concurrent requests that wait for a locked table, at most five seconds (lock_timeout)."""
    with stacks.connect(stack.environment["DB_NAME"]) as connection:
        connection.execute("LOCK TABLE tournaments_tournament")
        url = f"{web.url}/api/tournaments/"
        yield [clients.submit(httpx.get, url, timeout=30) for _ in range(count)]


def handshake(web: Process) -> int:
    """The status of a rejected WebSocket handshake with a token."""
    headers = {"Authorization": "Bearer an-unknown-token"}
    with pytest.raises(InvalidStatus) as rejected:
        connect(f"{web.ws_url}/ws/tournaments/1/", additional_headers=headers)
    return rejected.value.response.status_code


def value(web: Process, name: str, labels: str = "") -> float:
    return samples(web, "/metrics/")[name, labels]


def test_busy_threads_and_queued_requests_are_counted(
    stack: Stack, clients: ThreadPoolExecutor
) -> None:
    web = stack.web(WEB_THREADS="1")

    def at_limit() -> None:
        assert value(web, "web_threads_busy") == value(web, "web_threads_limit") == 1
        assert value(web, "web_jobs_waiting") >= 2  # background jobs are queued as well

    with blocked_requests(stack, clients, web, 3) as responses:
        eventually(at_limit)
    assert {response.result().status_code for response in responses} == {200}
    eventually_equal(lambda: value(web, "web_threads_busy") + value(web, "web_jobs_waiting"), 0)
    web.stop()


def test_a_full_queue_rejects_sockets(stack: Stack, clients: ThreadPoolExecutor) -> None:
    web = stack.web(WEB_THREADS="1")
    with blocked_requests(stack, clients, web, 1 + QUEUED_PER_THREAD):
        eventually_equal(lambda: value(web, "web_jobs_waiting"), value(web, "web_jobs_limit"))
        assert handshake(web) == 403
    assert value(web, "ws_connection_failures_total", "overloaded") == 1
    assert value(web, "ws_connection_failures_total", "error") == 0
    web.stop()


def test_a_socket_is_rejected_if_authentication_fails_with_an_error(stack: Stack) -> None:
    web = stack.web()
    database = stack.environment["DB_NAME"]
    stacks.execute("ALTER TABLE accounts_apitoken RENAME TO gone", database)
    assert handshake(web) == 403
    stacks.execute("ALTER TABLE gone RENAME TO accounts_apitoken", database)
    assert value(web, "ws_connection_failures_total", "error") == 1
    assert value(web, "ws_connection_failures_total", "overloaded") == 0
    assert any('relation \\"accounts_apitoken\\" does not exist' in line for line in web.lines())
    web.stop()


def test_threads_that_wait_for_a_pooled_connection_are_counted(
    stack: Stack, clients: ThreadPoolExecutor
) -> None:
    web = stack.web(WEB_THREADS="2", DB_POOL_SIZE="1")

    def at_limit() -> None:
        assert value(web, "db_pool_in_use") == value(web, "db_pool_limit") == 1
        assert value(web, "db_pool_waiting") == 1

    with blocked_requests(stack, clients, web, 2) as responses:
        eventually(at_limit)
    assert {response.result().status_code for response in responses} == {200}
    eventually_equal(lambda: value(web, "db_pool_waiting") + value(web, "db_pool_in_use"), 0)
    web.stop()
