"""Starts the application's processes as production does, and the servers that monitor them."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import yaml

from stack.ports import free_port, wait_for_port

ROOT = Path(__file__).parent.parent
START_TIMEOUT = 120  # seconds; a process that exits ends the wait
STOP_TIMEOUT = 15
KILL_TIMEOUT = 10
MANAGE_TIMEOUT = 120


class Process:
    """A process group with its output in a file. Raises RuntimeError if it does not listen."""

    def __init__(
        self, command: list[str], environment: Mapping[str, str], log: Path, *, port: int | None
    ) -> None:
        self.log = log
        self.port = port
        with log.open("wb") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | dict(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if port is not None:
            try:
                wait_for_port(port, self.popen, log, timeout=START_TIMEOUT)
            except RuntimeError:
                self.stop()
                raise

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def ws_url(self) -> str:
        return f"ws://{self.address}"

    def lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The process keeps its connections open and stops responding."""
        os.killpg(self.popen.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.popen.pid, signal.SIGCONT)

    def stop(self) -> int:
        """Sends SIGTERM, and SIGKILL if that does not end it. Returns the exit status."""
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGTERM)
        try:
            return self.popen.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        os.killpg(self.popen.pid, signal.SIGKILL)
        return self.popen.wait(KILL_TIMEOUT)


class Stack:
    """Processes that share an environment. `stop` or the end of a `with` stops all of them."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def manage(self, *arguments: str, **environment: str) -> str:
        """The output of a management command."""
        done = subprocess.run(
            ["python", "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment | environment,
            capture_output=True,
            text=True,
            timeout=MANAGE_TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def web(self, **environment: str) -> Process:
        port = free_port()
        return self.run("web", ["bin/web"], port, **environment, PORT=str(port))

    def worker(self, **environment: str) -> Process:
        port = free_port()
        variables = {
            "WORKER_METRICS_PORT": str(port),
            "WORKER_METRICS_DIR": str(self.folder / f"worker-metrics-{port}"),
            "WORKER_PROCESSES": "2",
            **environment,
        }
        return self.run("worker", ["bin/worker"], port, **variables)

    def beat(self, **environment: str) -> Process:
        schedule = str(self.folder / "celerybeat-schedule")
        return self.run("beat", ["bin/beat"], None, **environment, BEAT_SCHEDULE=schedule)

    def prometheus(
        self,
        targets: Mapping[str, Sequence[str]],
        *,
        rules: str = "",
        alertmanager: Process | None = None,
    ) -> Process:
        """Scrapes the addresses of each job every second, and evaluates the rules as often.

        `rules` is a glob of files under ROOT.
        """
        folder = Path(tempfile.mkdtemp(prefix="prometheus-", dir=self.folder))
        alertmanagers = [alertmanager.address] if alertmanager else []
        config = folder / "prometheus.yml"
        config.write_text(
            yaml.safe_dump(
                {
                    "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                    "rule_files": [str(ROOT / rules)] if rules else [],
                    "alerting": {
                        "alertmanagers": [{"static_configs": [{"targets": alertmanagers}]}]
                    },
                    "scrape_configs": [_job(*item) for item in targets.items()],
                }
            )
        )
        return self.server(
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--enable-feature=exemplar-storage",
        )

    def alertmanager(self, config: Path, *options: str) -> Process:
        return self.server(
            "prometheus-alertmanager",
            f"--config.file={config}",
            f"--storage.path={self.folder / 'alertmanager'}",
            "--cluster.listen-address=",
            *options,
        )

    def server(
        self, program: str, *options: str, port: int | None = None, **environment: str
    ) -> Process:
        """A program of the Prometheus family: all have the option --web.listen-address."""
        port = port or free_port()
        command = [program, f"--web.listen-address=127.0.0.1:{port}", *options]
        return self.run(program, command, port, **environment)

    def run(
        self, name: str, command: list[str], port: int | None = None, **environment: str
    ) -> Process:
        """Any other program. With a port, waits until it listens there."""
        log = self.folder / f"{name}-{len(self._processes)}.log"
        process = Process(command, {**self.environment, **environment}, log, port=port)
        self._processes.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.stop()


def _job(name: str, addresses: Sequence[str]) -> dict[str, Any]:
    return {
        "job_name": name,
        "metrics_path": "/metrics/" if name == "web" else "/metrics",
        "static_configs": [{"targets": list(addresses)}],
    }
