"""Servers under test, and the CPU time they have used."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
START_SECONDS = 30
TICKS = os.sysconf("SC_CLK_TCK")
DAPHNE = [sys.executable, "-m", "apps.core.http.server", "-b", "127.0.0.1", "-v", "0"]


class Server:
    """A process group that listens on a port."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.port = free_port()
        self.process = subprocess.Popen(
            [part.replace("PORT", str(self.port)) for part in command],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def cpu_seconds(self) -> float:
        """User and system time of all processes of the group so far, from the kernel."""
        return sum(_ticks(stat) for stat in _stats() if stat[2] == str(self.process.pid)) / TICKS

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise SystemExit(f"{self.name} did not start")


@contextmanager
def all_of(wanted: Iterable[tuple[str, list[str], dict[str, str]]]) -> Iterator[list[Server]]:
    """These servers at once. Those that did start are stopped where another does not."""
    with ExitStack() as stack:
        servers = []
        for name, command, variables in wanted:
            servers.append(Server(name, command, variables))
            stack.callback(servers[-1].stop)
        yield servers


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """A database with the demo's data, and Redis where it is on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            "DEBUG": "0",
            "SECRET_KEY": "a-secret-key-that-only-benchmarks-know-of",
            "DB_HOST": "",
            "SENTRY_DSN": "",
            "SQLITE_PATH": f"{folder}/db.sqlite3",
            "STATIC_ROOT": f"{folder}/static",
            "LOG_FORMAT": "json",
            "REDIS_URL": "",
            "ENABLE_PROMETHEUS": "1",
            "WEB_THREADS": "8",
        }
        for command in (["migrate", "-v0"], ["seed_demo"]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=os.environ | variables,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        redis = _redis(folder) if shutil.which("redis-server") else None
        if redis:
            variables["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
        try:
            yield variables
        finally:
            if redis:
                redis.stop()


def _redis(folder: str) -> Server:
    options = ["--port", "PORT", "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    return Server("redis", ["redis-server", *options], {})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stats() -> Iterator[list[str]]:
    """/proc/PID/stat of every process, from the third field on: state, parent, group, ..."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield path.read_text().rpartition(") ")[2].split()
        except OSError:  # it ended meanwhile
            continue


def _ticks(stat: list[str]) -> int:
    return int(stat[11]) + int(stat[12])
