"""Starts Postgres and Redis on free ports, with their data in a temporary folder."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from stack.ports import free_port, wait_for_port

# Overrides the settings of the user's shell and .env file.
CLEAN = dict.fromkeys(
    ("DB_HOST", "DB_PASSWORD", "REDIS_URL", "SENTRY_DSN", "METRICS_TOKEN", "LOG_FILE"), ""
) | {
    "DEBUG": "0",
    "SECRET_KEY": "a-secret-key-that-is-used-by-tests-only",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "LOG_LEVEL": "INFO",
}
UNPRIVILEGED = "nobody"
ENDS_WITH_PARENT = ["setpriv", "--pdeathsig=INT"]  # even if the parent gets SIGKILL
INITDB_TIMEOUT = 60
STOP_TIMEOUT = 10


def find(binary: str) -> str | None:
    """The path of a program. Debian installs Postgres' server programs outside of PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / binary).exists():
            return str(folder / binary)
    return shutil.which(binary)


class Servers:
    """Servers that stop when this process ends, for any reason."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="deltacrown-"))
        self.folder.chmod(0o755)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        atexit.register(self.stop)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def postgres(self) -> dict[str, str]:
        data, port = self.folder / "postgres", free_port()
        data.mkdir()
        prefix = _unprivileged(data)
        initdb, postgres = find("initdb"), find("postgres")
        assert initdb
        assert postgres
        command = [*prefix, initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=INITDB_TIMEOUT
        )
        settings = {
            "fsync": "off",
            "full_page_writes": "off",
            "unix_socket_directories": "",
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
        }
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        command = [*prefix, postgres, "-D", str(data), "-p", str(port), *options]
        self._start("postgres", command, port)
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
        command = [*ENDS_WITH_PARENT, binary, *options, "--dir", str(self.folder)]
        self._start("redis", command, port)
        return {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}

    def freeze(self, name: str) -> None:
        """The server keeps its connections open and stops responding, until `thaw`."""
        self._signal(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def stop(self) -> None:
        running = [process for process in self._running.values() if process.poll() is None]
        for name in self._running:
            self.thaw(name)
        for process in reversed(running):
            os.killpg(process.pid, signal.SIGINT)
        for process in reversed(running):
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        self._running.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, name: str, number: int) -> None:
        """Signals the parent, then its children: each child of Postgres has its own process group.

        The stopped parent starts no more children.
        """
        parent = self._running[name].pid
        for pid in (parent, *_children(parent)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _start(self, name: str, command: list[str], port: int) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd="/", start_new_session=True
        )
        self._running[name] = process
        wait_for_port(port, process, Path(log.name))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _unprivileged(folder: Path) -> list[str]:
    """The prefix of a command that must not run as root, such as Postgres."""
    if os.geteuid() != 0:
        return ENDS_WITH_PARENT
    shutil.chown(folder, UNPRIVILEGED, "nogroup")
    return [*ENDS_WITH_PARENT, f"--reuid={UNPRIVILEGED}", "--regid=nogroup", "--clear-groups"]
