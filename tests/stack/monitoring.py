"""The monitoring servers of docker-compose.yml for a stack on this machine.

Prometheus has the committed configuration and rules with local addresses and shorter intervals.
"""

import json
import os
import re
from typing import Any

import yaml

from stack.monitoring import FOLDER, changed_rules, prometheus_config
from stack.ports import free_port
from stack.processes import Process, Stack
from tests.stack.tls import TlsServer

WITHOUT_PACKAGE = {"loki", "alloy"}  # jobs of servers that Debian does not package
INTERVAL = "1s"
Json = dict[str, Any]


def monitored(stack: Stack, web: Process, worker: Process, tls_server: TlsServer) -> Process:
    """A Prometheus that scrapes all targets and probes a certificate."""
    port = free_port()
    redis = f"--redis.addr={stack.environment['REDIS_URL']}"
    database = f"127.0.0.1:{os.environ['DB_PORT']}/{stack.environment['DB_NAME']}?sslmode=disable"
    postgres = {"DATA_SOURCE_URI": database, "DATA_SOURCE_USER": "postgres"}
    config = prometheus_config(
        stack.folder,
        addresses={
            "web:8000": web.address,
            "localhost:9090": f"127.0.0.1:{port}",
            "node-exporter:9100": _exporter(stack, "node"),
            "blackbox-exporter:9115": blackbox(stack, trusted=tls_server),
            "redis-exporter:9121": _exporter(stack, "redis", redis),
            "postgres-exporter:9187": _exporter(stack, "postgres", **postgres),
            "alertmanager:9093": _alertmanager(stack),
        },
        targets={"web": [web.address], "worker": [worker.address], "tls": [tls_server.address]},
        jobs=_jobs() - WITHOUT_PACKAGE,
        interval=INTERVAL,
        rules=changed_rules(stack.folder, _with_short_windows),
    )
    return stack.server(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={stack.folder / f'prometheus-{port}'}",
        "--enable-feature=exemplar-storage",
        port=port,
    )


def blackbox(stack: Stack, *, trusted: TlsServer | None = None) -> str:
    """A blackbox exporter with the committed modules. `tls` trusts the certificate of `trusted`."""
    modules: Json = yaml.safe_load((FOLDER / "blackbox.yml").read_text())
    if trusted:
        trust = {"ca_file": str(trusted.certificate)}
        modules["modules"]["tls"]["tcp"]["tls_config"] = trust
    config = stack.folder / "blackbox.json"
    config.write_text(json.dumps(modules))
    return _exporter(stack, "blackbox", f"--config.file={config}")


def _exporter(stack: Stack, name: str, *options: str, **environment: str) -> str:
    program = f"prometheus-{name}-exporter"
    return stack.server(program, *options, port=free_port(), **environment).address


def _alertmanager(stack: Stack) -> str:
    config = stack.folder / "alertmanager.json"
    route = {"receiver": "none", "group_wait": INTERVAL, "group_interval": INTERVAL}
    config.write_text(json.dumps({"route": route, "receivers": [{"name": "none"}]}))
    return stack.alertmanager(config).address


def _jobs() -> set[str]:
    committed: Json = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    return {job["job_name"] for job in committed["scrape_configs"]}


def _with_short_windows(rules: str) -> str:
    """Windows of minutes: those of a month need hours to fill."""
    short = rules.replace("[30d:5m]", "[5m:5s]")
    return re.sub(r"^    interval: .*$", "", short, flags=re.MULTILINE)
