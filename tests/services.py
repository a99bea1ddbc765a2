"""pytest plugin: the environment the tests run in, and the servers that are on this machine.

Loaded with `-p tests.services`, before Django reads its settings. With SERVICES=1 it starts
Postgres and Redis on free ports in a temporary folder and points the settings there; without, the
tests run on SQLite. REQUIRE_SERVICES=1 makes a missing server a failure.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.ports import free_port, wait_for_port

GROUPS = {
    "postgres": ("postgres", "initdb"),
    "redis": ("redis-server",),
    "stack": ("postgres", "initdb", "redis-server", "prometheus", "prometheus-alertmanager"),
    "browser": ("postgres", "initdb", "redis-server", "chromium"),
}
UNPRIVILEGED = "nobody"
DIES_WITH_US = ["setpriv", "--pdeathsig=INT"]  # however the tests end, kill -9 too


def find(binary: str) -> str | None:
    """Debian keeps Postgres' server programs off the PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / binary).exists():
            return str(folder / binary)
    return shutil.which(binary)


def missing(group: str) -> list[str]:
    if os.environ.get("SERVICES") != "1":
        return ["SERVICES=1"]
    return [binary for binary in GROUPS[group] if find(binary) is None]


class Servers:
    """Servers of one test run, stopped with it however it ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="deltacrown-"))
        self.folder.chmod(0o755)
        self._running: list[subprocess.Popen[bytes]] = []
        atexit.register(self.stop)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def postgres(self) -> dict[str, str]:
        data, port = self.folder / "postgres", free_port()
        data.mkdir()
        as_user = _as_unprivileged(data)
        initdb, postgres = find("initdb"), find("postgres")
        assert initdb
        assert postgres
        prepare = [*as_user, initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
        subprocess.run(prepare, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60)
        settings = {
            "fsync": "off",
            "full_page_writes": "off",
            "unix_socket_directories": "",
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
        }
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        self._start([*as_user, postgres, "-D", str(data), "-p", str(port), *options], port)
        return {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(port),
            "DB_USER": "postgres",
            "DB_NAME": "postgres",
        }

    def redis(self) -> dict[str, str]:
        port, binary = free_port(), find("redis-server")
        assert binary
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--databases", "64"]
        self._start([*DIES_WITH_US, binary, *options, "--dir", str(self.folder)], port)
        return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}

    def stop(self) -> None:
        running = [process for process in self._running if process.poll() is None]
        for process in reversed(running):
            os.killpg(process.pid, signal.SIGINT)
        for process in reversed(running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self._running.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, command: list[str], port: int) -> None:
        log = (self.folder / f"{port}.log").open("wb")
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd="/", start_new_session=True
        )
        self._running.append(process)
        wait_for_port(port, process, Path(log.name))


def _as_unprivileged(folder: Path) -> list[str]:
    """Postgres does not run as root."""
    if os.geteuid() != 0:
        return DIES_WITH_US
    shutil.chown(folder, UNPRIVILEGED, "nogroup")
    return [*DIES_WITH_US, f"--reuid={UNPRIVILEGED}", "--regid=nogroup", "--clear-groups"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The earliest a plugin is called: before pytest-django loads the settings."""
    for name in ("DB_HOST", "REDIS_URL", "SENTRY_DSN", "METRICS_TOKEN", "LOG_FILE"):
        os.environ[name] = ""
    os.environ |= {
        "DEBUG": "0",
        "SECRET_KEY": "a-secret-key-that-only-the-tests-know-of",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "LOG_LEVEL": "INFO",
    }
    servers = Servers()
    if not missing("postgres"):
        os.environ |= servers.postgres()
    if not missing("redis"):
        os.environ |= servers.redis()


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        for group in GROUPS:
            lacking = missing(group) if item.get_closest_marker(group) else []
            if lacking:
                item.add_marker(pytest.mark.skip(reason=f"{group}: no {', '.join(lacking)}"))


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
