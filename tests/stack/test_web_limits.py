"""What a web process tells while its bounds are reached: read from the page, which needs none."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from stack.processes import Process, Stack
from stack.prometheus import samples
from stack.waiting import eventually

pytestmark = pytest.mark.stack

WAITING_PER_THREAD = 32


@contextmanager
def database(stack: Stack) -> Iterator[psycopg.Connection[Any]]:
    """What is not committed in the block is rolled back after it."""
    server = f"host={os.environ['DB_HOST']} port={os.environ['DB_PORT']} user=postgres"
    with psycopg.connect(f"{server} dbname={stack.environment['DB_NAME']}") as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1 + WAITING_PER_THREAD) as pool:
        yield pool


@contextmanager
def held_up(
    stack: Stack, clients: ThreadPoolExecutor, web: Process, times: int
) -> Iterator[list[Future[httpx.Response]]]:
    """So many requests at once that wait for a table: lock_timeout's five seconds at most."""
    with database(stack) as connection:
        connection.execute("LOCK TABLE tournaments_tournament")
        address = f"{web.url}/api/tournaments/"
        yield [clients.submit(httpx.get, address, timeout=30) for _ in range(times)]


def handshake(web: Process) -> int:
    """The status that a program with a token is refused with."""
    headers = {"Authorization": "Bearer a-token-of-somebody"}
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{web.port}/ws/tournaments/1/", additional_headers=headers)
    return refused.value.response.status_code


def value(web: Process, name: str, labels: str = "") -> float:
    return samples(web, "/metrics/")[name, labels]


def test_threads_at_work_and_requests_that_wait_for_one(
    stack: Stack, clients: ThreadPoolExecutor
) -> None:
    web = stack.web(WEB_THREADS="1")

    def told() -> None:
        assert value(web, "web_threads_busy") == value(web, "web_threads_limit") == 1
        assert value(web, "web_jobs_waiting") >= 2  # background jobs wait as well

    with held_up(stack, clients, web, 3) as answers:
        eventually(told)
    assert {answer.result().status_code for answer in answers} == {200}
    eventually(lambda: _is(value(web, "web_threads_busy") + value(web, "web_jobs_waiting"), 0))
    web.stop()


def test_a_socket_is_refused_where_no_more_may_wait(
    stack: Stack, clients: ThreadPoolExecutor
) -> None:
    web = stack.web(WEB_THREADS="1")
    with held_up(stack, clients, web, 1 + WAITING_PER_THREAD):
        eventually(lambda: _is(value(web, "web_jobs_waiting"), value(web, "web_jobs_limit")), 4)
        assert handshake(web) == 403
        told = samples(web, "/metrics/")
    assert told["ws_connection_failures_total", "overloaded"] == 1
    assert told["ws_connection_failures_total", "error"] == 0
    web.stop()


def test_a_journeys_request_is_refused_in_its_name(
    stack: Stack, clients: ThreadPoolExecutor
) -> None:
    web = stack.web(WEB_THREADS="1")
    journeys = {
        "api:registrations": "/api/tournaments/1/registrations",
        "api:payments": "/api/payments/",
    }
    with held_up(stack, clients, web, 1 + WAITING_PER_THREAD):
        eventually(lambda: _is(value(web, "web_jobs_waiting"), value(web, "web_jobs_limit")), 4)
        assert {httpx.post(f"{web.url}{path}").status_code for path in journeys.values()} == {503}
        told = httpx.get(f"{web.url}/metrics/").text
    for view in journeys:
        labels = f'{{method="POST",status="503",view="{view}"}}'
        assert f"django_http_responses_total_by_status_view_method_total{labels} 1.0" in told
    web.stop()


def test_a_socket_is_refused_where_we_fail(stack: Stack) -> None:
    web = stack.web()
    with database(stack) as connection:
        connection.execute("ALTER TABLE accounts_apitoken RENAME TO gone")
        connection.commit()
        assert handshake(web) == 403
        connection.execute("ALTER TABLE gone RENAME TO accounts_apitoken")
        connection.commit()
    assert value(web, "ws_connection_failures_total", "error") == 1
    assert value(web, "ws_connection_failures_total", "overloaded") == 0
    assert any('relation \\"accounts_apitoken\\" does not exist' in line for line in web.lines())
    web.stop()


def test_a_thread_that_waits_for_a_connection_of_the_pool(
    stack: Stack, clients: ThreadPoolExecutor
) -> None:
    web = stack.web(WEB_THREADS="2", DB_POOL_SIZE="1")

    def told() -> None:
        assert value(web, "db_pool_in_use") == value(web, "db_pool_limit") == 1
        assert value(web, "db_pool_waiting") == 1

    with held_up(stack, clients, web, 2) as answers:
        eventually(told)
    assert {answer.result().status_code for answer in answers} == {200}
    eventually(lambda: _is(value(web, "db_pool_waiting") + value(web, "db_pool_in_use"), 0))
    web.stop()


def _is(found: float, wanted: float) -> None:
    assert found == wanted
