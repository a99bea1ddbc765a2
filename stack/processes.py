"""The application's own processes, as production runs them, and what watches them."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from stack.ports import free_port, wait_for_port

ROOT = Path(__file__).parent.parent
START_SECONDS = 40


class Process:
    """A process with its output in a file; stopped with SIGTERM, then SIGKILL."""

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
                wait_for_port(port, self.popen, log, seconds=START_SECONDS)
            except RuntimeError:
                self.stop()
                raise

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It keeps its connections and answers nothing."""
        os.killpg(self.popen.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.popen.pid, signal.SIGCONT)

    def stop(self, seconds: float = 15) -> int:
        """The exit status."""
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGTERM)
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        os.killpg(self.popen.pid, signal.SIGKILL)
        return self.popen.wait(10)


class Stack:
    """Starts processes that share an environment, and stops them all: by `stop`, or at the end of
    a `with`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def manage(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["python", "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def web(self, **environment: str) -> Process:
        port = free_port()
        return self._start("web", ["bin/web"], {**environment, "PORT": str(port)}, port)

    def worker(self, **environment: str) -> Process:
        port = free_port()
        folder = self.folder / f"worker-metrics-{port}"
        variables = {
            "WORKER_METRICS_PORT": str(port),
            "WORKER_METRICS_DIR": str(folder),
            "WORKER_PROCESSES": "2",
            **environment,
        }
        return self._start("worker", ["bin/worker"], variables, port)

    def beat(self, **environment: str) -> Process:
        schedule = {"BEAT_SCHEDULE": str(self.folder / "celerybeat-schedule")}
        return self._start("beat", ["bin/beat"], {**environment, **schedule}, None)

    def prometheus(
        self,
        targets: Mapping[str, list[Process]],
        *,
        rules: str = "",
        alertmanager: Process | None = None,
    ) -> Process:
        """Scrapes each job's processes every second, and looks as often at the rules: a pattern of
        files under ROOT."""
        folder = Path(tempfile.mkdtemp(prefix="prometheus-", dir=self.folder))
        told = [alertmanager.address] if alertmanager else []
        config = folder / "prometheus.yml"
        config.write_text(
            yaml.safe_dump(
                {
                    "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                    "rule_files": [str(ROOT / rules)] if rules else [],
                    "alerting": {"alertmanagers": [{"static_configs": [{"targets": told}]}]},
                    "scrape_configs": [_job(*one) for one in targets.items()],
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
        self,
        program: str,
        *options: str,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """One of Prometheus' family, which all name their address alike."""
        port = port or free_port()
        command = [program, f"--web.listen-address=127.0.0.1:{port}", *options]
        return self._start(program, command, environment or {}, port)

    def run(
        self, name: str, command: list[str], port: int | None = None, **environment: str
    ) -> Process:
        """Anything else; with a port, ready once it listens there."""
        return self._start(name, command, environment, port)

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.stop()

    def _start(
        self, name: str, command: list[str], environment: Mapping[str, str], port: int | None
    ) -> Process:
        log = self.folder / f"{name}-{len(self._processes)}.log"
        process = Process(command, {**self.environment, **environment}, log, port=port)
        self._processes.append(process)
        return process


def _job(name: str, processes: list[Process]) -> dict[str, Any]:
    return {
        "job_name": name,
        "metrics_path": "/metrics/" if name == "web" else "/metrics",
        "static_configs": [{"targets": [process.address for process in processes]}],
    }


def samples(process: Process, path: str = "/metrics") -> dict[tuple[str, str], float]:
    """A real page's samples, by name and label values in the order of the labels' names."""
    page = httpx.get(process.url + path, timeout=10).text
    return {
        (
            sample.name,
            " ".join(sample.labels[label] for label in sorted(sample.labels)),
        ): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def query(prometheus: Process, expression: str) -> list[dict[str, object]]:
    answer = httpx.get(
        f"{prometheus.url}/api/v1/query", params={"query": expression}, timeout=10
    ).json()
    assert answer["status"] == "success", answer
    found: list[dict[str, object]] = answer["data"]["result"]
    return found


def eventually(check: object, seconds: float = 60) -> None:
    """Runs the check until it raises no AssertionError, and at last lets it through."""
    assert callable(check)
    deadline = time.monotonic() + seconds
    while True:
        try:
            check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
