"""The servers to compare, and the CPU time that they use."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from stack.ports import free_port
from stack.processes import Process, Stack
from stack.servers import CLEAN, Servers, find

BIN = Path(sys.executable).parent
DAPHNE = [sys.executable, "-m", "apps.core.http.server", "-b", "127.0.0.1", "-v", "0"]


@contextmanager
def prepared_stack() -> Iterator[Stack]:
    """A SQLite database with demo data, and Redis if it is installed."""
    servers = Servers()
    try:
        environment = {
            **CLEAN,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "SQLITE_PATH": str(servers.folder / "db.sqlite3"),
            "STATIC_ROOT": str(servers.folder / "static"),
            "LOG_FORMAT": "json",
            "ENABLE_PROMETHEUS": "1",
            "WEB_THREADS": "8",
            **(servers.redis() if find("redis-server") else {}),
        }
        with Stack(servers.folder, environment) as stack:
            stack.manage("migrate", "-v0")
            stack.manage("seed_demo")
            yield stack
    finally:
        servers.stop()


def start(stack: Stack, command: list[str], environment: dict[str, str]) -> Process:
    """Replaces PORT in the command by a free port."""
    port = free_port()
    command = [part.replace("PORT", str(port)) for part in command]
    return stack.run("server", command, port, **environment)


def cpu_seconds(server: Process) -> float:
    """User and system time of the process and its children so far."""
    parent = psutil.Process(server.popen.pid)
    times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
    return float(sum(time.user + time.system for time in times))
