"""The stack on this machine: Debian's servers on free ports in a temporary folder.

The rules and Alertmanager's configuration are the committed ones. What differs from production:
Prometheus looks every 5 s rather than every 15 or 30; an alert that is over goes on firing for a
minute at most; there are no exporters of the host, Postgres and Redis; and a second web process has
a pool of three connections, to be exhausted.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from drills.alertmanager import alertmanager_config
from drills.people import played
from drills.receiver import Receiver
from drills.site import Command, NotHere, Platform, Server
from stack.monitoring import FOLDER, changed_rules, prometheus_config
from stack.ports import free_port
from stack.processes import Process, Stack
from stack.servers import CLEAN, Servers, find

NEEDED = (
    "initdb",
    "postgres",
    "psql",
    "redis-server",
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-blackbox-exporter",
)
INSTALL = "apt-get install $(cat tests/debian.txt)"
JOBS = ("web", "worker", "probes", "blackbox", "prometheus", "alertmanager")
INTERVAL = "5s"
SMALL_POOL = "3"
KEPT_FIRING = "1m"  # the next drill waits for it; prometheus/tests has the rules' own


def missing() -> list[str]:
    """The programs that this machine lacks."""
    return [name for name in NEEDED if find(name) is None]


@contextmanager
def native() -> Iterator["Native"]:
    """Raises NotHere where a program is missing."""
    if lacking := missing():
        raise NotHere(f"Missing: {', '.join(lacking)} (Debian: {INSTALL})")
    servers = Servers()
    try:
        with Receiver() as receiver:
            site = Native(servers, receiver)
            try:
                site.start()
                yield site
            finally:
                site.stack.stop()
    finally:
        servers.stop()


class Native(Platform):
    name = "native"
    side_by_side = True

    def __init__(self, servers: Servers, receiver: Receiver) -> None:
        self.servers = servers
        self.receiver = receiver
        self.stack = Stack(servers.folder, {})
        self._worker_port = free_port()

    def start(self) -> None:
        self.stack.environment = self._environment()
        self.stack.manage("migrate", "-v0")
        self.stack.manage("collectstatic", "--noinput", "-v0")
        web, small = self.stack.web(), self.stack.web(DB_POOL_SIZE=SMALL_POOL)
        self.web, self.small_web = web.url, small.url
        self.start_worker()
        self.stack.beat()
        self.prometheus = self._prometheus([web, small]).url

    def prepare(self) -> None:
        played(self.web)

    def freeze(self, server: Server) -> None:
        self.servers.freeze(server)

    def thaw(self, server: Server) -> None:
        self.servers.thaw(server)

    def kill_worker(self) -> None:
        self._worker.kill()

    def start_worker(self) -> None:
        self._worker = self.stack.run(
            "worker",
            ["bin/worker"],
            self._worker_port,
            WORKER_METRICS_PORT=str(self._worker_port),
            WORKER_METRICS_DIR=str(self.stack.folder / "worker-metrics"),
            WORKER_PROCESSES="2",
        )

    def within(self, program: Literal["psql", "celery"]) -> Command:
        ours = self.stack.environment
        if program == "celery":
            return Command(["celery", "-A", "deltacrown"], os.environ | ours)
        psql = find("psql")
        assert psql
        user = ["-U", ours["DB_USER"], "-d", ours["DB_NAME"]]
        return Command([psql, "-X", "-h", ours["DB_HOST"], "-p", ours["DB_PORT"], *user])

    def _environment(self) -> dict[str, str]:
        return {
            **CLEAN,
            **self.servers.postgres(),
            **self.servers.redis(),
            "STATIC_ROOT": str(self.stack.folder / "static"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "VENV": "none",
            "GRAFANA_URL": "http://localhost:3000",
            "RUNBOOKS_URL": "docs/runbooks",
        }

    def _prometheus(self, web: list[Process]) -> Process:
        port = free_port()
        targets = [process.address for process in web]
        addresses = {
            "web:8000": targets[0],
            "blackbox-exporter:9115": self._blackbox(),
            "alertmanager:9093": self._alertmanager(),
            "localhost:9090": f"127.0.0.1:{port}",
        }
        config = prometheus_config(
            self.stack.folder,
            addresses=addresses,
            targets={"web": targets, "worker": [f"127.0.0.1:{self._worker_port}"]},
            jobs=JOBS,
            interval=INTERVAL,
            rules=changed_rules(self.stack.folder, _less_patient),
        )
        return self.stack.server(
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self.stack.folder / 'prometheus'}",
            "--enable-feature=exemplar-storage,expand-external-labels",
            "--web.enable-admin-api",  # for what a rule would remember for an hour
            port=port,
        )

    def _blackbox(self) -> str:
        config = f"--config.file={FOLDER / 'blackbox.yml'}"
        return self.stack.server("prometheus-blackbox-exporter", config).address

    def _alertmanager(self) -> str:
        config = alertmanager_config(self.receiver, self.stack.folder, quick=False)
        return self.stack.alertmanager(config).address


def _less_patient(rules: str) -> str:
    return re.sub(r"keep_firing_for: \w+", f"keep_firing_for: {KEPT_FIRING}", rules)
