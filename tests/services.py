"""pytest plugin: the environment the tests run in, and the servers that are on this machine.

Loaded with `-p tests.services`, before Django reads its settings. With SERVICES=1 it starts
Postgres and Redis on free ports in a temporary folder and points the settings there; without, the
tests run on SQLite. REQUIRE_SERVICES=1 makes a missing server a failure.
"""

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest

from stack.servers import CLEAN, Servers, find

GROUPS = {
    "postgres": ("postgres", "initdb"),
    "redis": ("redis-server",),
    "stack": (
        "postgres",
        "initdb",
        "psql",
        "redis-server",
        "prometheus",
        "prometheus-alertmanager",
        "prometheus-blackbox-exporter",
        "prometheus-node-exporter",
        "prometheus-postgres-exporter",
        "prometheus-redis-exporter",
    ),
    "spotlight": ("postgres", "initdb", "redis-server", "npm"),
    "browser": ("postgres", "initdb", "redis-server", "chromium"),
}

DATABASE = {"db", "transactional_db", "django_db_setup"}  # pytest-django's fixtures


def missing(group: str) -> list[str]:
    if os.environ.get("SERVICES") != "1":
        return ["SERVICES=1"]
    return [binary for binary in GROUPS[group] if find(binary) is None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-repeats",
        action="store_true",
        help="only tests that need a server, or the database that is now another one",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """As a wrapper it runs before pytest-django loads the settings. With pytest-xdist each worker
    has servers of its own, and the process that distributes the tests has none."""
    os.environ |= CLEAN
    _start_children_with_default_signals()
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if not is_worker:
        os.environ["TESTS_CACHE"] = cache = tempfile.mkdtemp(prefix="deltacrown-tests-")
        atexit.register(shutil.rmtree, cache)
    if is_worker or not early_config.known_args_namespace.numprocesses:
        _start_servers()
    return (yield)


def _start_servers() -> None:
    servers = Servers()
    # Theirs is SystemExit, which pytest takes for one test's failure.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))
    if not missing("postgres"):
        os.environ |= servers.postgres()
    if not missing("redis"):
        os.environ |= servers.redis()


def _start_children_with_default_signals() -> None:
    """nohup and background jobs start pytest with these ignored, and a child process inherits that.
    A handler, even an empty function, is reset to the default in a child."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--no-repeats"):
        config.hook.pytest_deselected(items=[i for i in items if not _depends_on_servers(i)])
        items[:] = [item for item in items if _depends_on_servers(item)]
    for item in items:
        for group in GROUPS:
            lacking = missing(group) if item.get_closest_marker(group) else []
            if lacking:
                item.add_marker(pytest.mark.skip(reason=f"{group}: no {', '.join(lacking)}"))


def _depends_on_servers(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", *GROUPS))
    return marked or not DATABASE.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("REQUIRE_SERVICES") and os.environ.get("SERVICES") == "1":
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and reporter.stats.get("skipped"):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


if __name__ == "__main__":
    # The groups that this machine cannot run.
    os.environ["SERVICES"] = "1"
    print(", ".join(group for group in GROUPS if missing(group)))
