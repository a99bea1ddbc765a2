"""A stack on this machine: Debian's servers on free ports in a temporary folder.

The rules and the Alertmanager configuration are the committed files. Differences from production:
Prometheus scrapes every 5 s instead of every 15 or 30 s. `keep_firing_for` is a minute. The host,
Postgres and Redis have no exporters. A second web process has a pool of three connections.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from drills.alertmanager import alertmanager_config
from drills.receiver import Receiver
from drills.site import Command, Platform, Server, SiteUnavailable
from drills.traffic import complete_tournament
from stack.monitoring import FOLDER, changed_rules, prometheus_config
from stack.ports import free_port
from stack.processes import Process, Stack
from stack.servers import CLEAN, Servers, find

PROGRAMS = (
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
KEEP_FIRING_FOR = "1m"  # the next drill waits for it; prometheus/tests tests the committed values


@contextmanager
def native() -> Iterator["NativeSite"]:
    """Raises SiteUnavailable if a program is missing."""
    if missing := [name for name in PROGRAMS if find(name) is None]:
        raise SiteUnavailable(f"Missing programs: {', '.join(missing)} (Debian: {INSTALL})")
    servers = Servers()
    try:
        with Receiver() as receiver:
            site = NativeSite(servers, receiver)
            try:
                site.start()
                yield site
            finally:
                site.stack.stop()
    finally:
        servers.stop()


class NativeSite(Platform):
    name = "native"
    parallel = True

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
        complete_tournament(self.web)

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

    def command(self, program: Literal["psql", "celery"]) -> Command:
        environment = self.stack.environment
        if program == "celery":
            return Command(["celery", "-A", "deltacrown"], os.environ | environment)
        psql = find("psql")
        assert psql
        options = {"-h": "DB_HOST", "-p": "DB_PORT", "-U": "DB_USER", "-d": "DB_NAME"}
        words = [word for option, name in options.items() for word in (option, environment[name])]
        return Command([psql, "-X", *words])

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
            rules=changed_rules(self.stack.folder, _with_short_keep_firing),
        )
        return self.stack.server(
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self.stack.folder / 'prometheus'}",
            "--enable-feature=exemplar-storage,expand-external-labels",
            "--web.enable-admin-api",  # to delete the samples that a rule sees for an hour
            port=port,
        )

    def _blackbox(self) -> str:
        config = f"--config.file={FOLDER / 'blackbox.yml'}"
        return self.stack.server("prometheus-blackbox-exporter", config).address

    def _alertmanager(self) -> str:
        config = alertmanager_config(self.receiver, self.stack.folder, quick=False)
        return self.stack.alertmanager(config).address


def _with_short_keep_firing(rules: str) -> str:
    return re.sub(r"keep_firing_for: \w+", f"keep_firing_for: {KEEP_FIRING_FOR}", rules)
