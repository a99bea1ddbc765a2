import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests.api.served import Served, served
from tests.sentry_capture import sent_to_sentry  # noqa: F401 a fixture for all tests

# How long an example takes is the machine's affair: what has to be quick says so itself.
hypothesis_settings.register_profile("any machine", deadline=None)
hypothesis_settings.load_profile("any machine")


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Not needed: each worker of pytest-xdist has a server, or a memory, of its own."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """After a test with transactions of its own the database is emptied, sooner than by Django."""
    from tests import db_flush

    with db_flush.quickly():
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web process on SQLite, shared by all tests that only add data."""
    with served(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def _no_log_lines_between_tests() -> None:
    """pytest captures records itself; the console handler's thread would write to the terminal."""
    logging.root.handlers = [one for one in logging.root.handlers if one.name != "console"]


@pytest.fixture(autouse=True)
def _nothing_is_known_yet() -> None:
    """Django's test client runs views in this thread, and what they bind stays."""
    from apps.core import context

    context.replace({})


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_tournament_is_active(settings: Any) -> None:
    """Ids begin again with every test, and with them the label values."""
    from apps.matches.metrics import active_tournaments

    settings.METRICS_RETIRE_SECONDS = 0
    active_tournaments.sync({})
    active_tournaments.sweep()


@pytest.fixture
def tasks_in_process() -> Iterator[None]:
    """As where there is no Redis."""
    from deltacrown.celery import app

    as_set = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = as_set


@pytest.fixture(autouse=True)
def _probe_hangs_up() -> Iterator[None]:
    """The probe keeps its connection, and with it the test's database."""
    yield
    from apps.core import health

    def hang_up() -> None:
        """In the probe's own thread: each has a connection of its own."""
        health._connections()["default"].close()

    if health._connections.cache_info().currsize:
        health._thread().submit(hang_up).result(5)


@pytest.fixture(autouse=True)
def _worker_threads_hang_up() -> Iterator[None]:
    """They keep theirs as well, as they should between requests."""
    from apps.core import thread_pool

    made = thread_pool.web_threads  # a test may put another in its place
    yield
    if made.cache_info().currsize:
        made()._executor.shutdown()
        made.cache_clear()
