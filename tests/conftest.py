import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings as hypothesis_settings

from stack.processes import Stack
from tests.api.served import Served, served
from tests.sentry_capture import sent_to_sentry  # noqa: F401 a fixture for all tests
from tests.stacks import on_sqlite
from tests.world import World

# A deadline for each example fails on a busy machine.
hypothesis_settings.register_profile("no deadline", deadline=None)
hypothesis_settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Not needed: each worker of pytest-xdist has its own server or in-memory database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Flushes after transactional tests are quicker than Django's."""
    from tests import db_flush

    with db_flush.quickly():
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web process on SQLite, shared by all tests that only add data."""
    with served(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    with on_sqlite(tmp_path) as stack:
        yield stack


@pytest.fixture(scope="module")
def _world_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(_world_of_module: World, db: None) -> World:
    """Shared by the tests of a module. The changes of a test are rolled back after it."""
    return _world_of_module


@pytest.fixture(scope="session", autouse=True)
def _no_log_lines_between_tests() -> None:
    """pytest captures records itself; the console handler's thread would write to the terminal."""
    logging.root.handlers = [
        handler for handler in logging.root.handlers if handler.name != "console"
    ]


@pytest.fixture(autouse=True)
def _empty_log_context() -> None:
    """Django's test client runs views in this thread, and the values that they bind remain."""
    from apps.core import context

    context.replace({})


@pytest.fixture(autouse=True)
def _no_tournament_is_active(settings: Any) -> None:
    """Ids start at 1 in every test, so label values repeat."""
    from apps.matches.metrics import active_tournaments

    settings.METRICS_RETIRE_SECONDS = 0
    active_tournaments.sync({})
    active_tournaments.sweep()


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Any:
    """A block at whose end callbacks run, as after a commit."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture
def tasks_in_process() -> Iterator[None]:
    """As in a deployment without Redis."""
    from deltacrown.celery import app

    configured = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = configured


@pytest.fixture(autouse=True)
def _close_probe_connection() -> Iterator[None]:
    """The open connection would block the deletion of the test database."""
    yield
    from apps.core import health

    def close() -> None:
        """Runs in the probe's thread, because each thread has its own connection."""
        health._connections()["default"].close()

    if health._connections.cache_info().currsize:
        health._thread.submit(close).result(60)


@pytest.fixture(autouse=True)
def _stop_worker_threads() -> Iterator[None]:
    """Worker threads keep their database connections between requests."""
    from apps.core import thread_pool

    web_threads = thread_pool.web_threads  # a test may replace it
    yield
    if web_threads.cache_info().currsize:
        web_threads()._executor.shutdown()
        web_threads.cache_clear()
