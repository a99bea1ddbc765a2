"""The monitoring of a stack, as docker-compose.yml has it: the exporters, Alertmanager, and
Prometheus with the committed configuration and rules, on this machine's addresses and quicker.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from stack.monitoring import CREDENTIALS, NO_CREDENTIALS
from tests.ports import free_port
from tests.stack.processes import ROOT, Process, Stack
from tests.stack.tls import TlsServer

ELSEWHERE = {"loki", "alloy"}  # jobs of servers that Debian does not have
INTERVAL = "1s"
Json = dict[str, Any]


def monitored(stack: Stack, web: Process, worker: Process, certified: TlsServer) -> Process:
    """A Prometheus that scrapes everything there is to scrape, and watches a certificate."""
    port = free_port()
    addresses = {
        CREDENTIALS: NO_CREDENTIALS,
        "web:8000": f"127.0.0.1:{web.port}",
        "worker:9808": f"127.0.0.1:{worker.port}",
        "localhost:9090": f"127.0.0.1:{port}",
        "node-exporter:9100": _exporter(stack, "node"),
        "blackbox-exporter:9115": blackbox(stack, trusted=certified),
        "redis-exporter:9121": _exporter(
            stack, "redis", f"--redis.addr={stack.environment['REDIS_URL']}"
        ),
        "postgres-exporter:9187": _exporter(
            stack,
            "postgres",
            DATA_SOURCE_URI=f"127.0.0.1:{os.environ['DB_PORT']}/{stack.environment['DB_NAME']}"
            "?sslmode=disable",
            DATA_SOURCE_USER="postgres",
        ),
        "alertmanager:9093": _alertmanager(stack),
    }
    config = stack.folder / f"prometheus-{port}.json"
    config.write_text(json.dumps(_configuration(addresses, _rules(stack.folder), certified)))
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={stack.folder / f'prometheus-{port}'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
    ]
    return stack.run("prometheus", command, port)


def blackbox(stack: Stack, *, trusted: TlsServer | None = None) -> str:
    """With the committed modules, of which `tls` may trust a server's own certificate."""
    modules: Json = yaml.safe_load((ROOT / "prometheus/blackbox.yml").read_text())
    if trusted:
        trust = {"ca_file": str(trusted.certificate)}
        modules["modules"]["tls"]["tcp"]["tls_config"] = trust
    config = stack.folder / "blackbox.json"
    config.write_text(json.dumps(modules))
    return _exporter(stack, "blackbox", f"--config.file={config}")


def _exporter(stack: Stack, name: str, *options: str, **environment: str) -> str:
    port = free_port()
    address = f"127.0.0.1:{port}"
    command = [f"prometheus-{name}-exporter", f"--web.listen-address={address}", *options]
    stack.run(f"{name}-exporter", command, port, **environment)
    return address


def _alertmanager(stack: Stack) -> str:
    port = free_port()
    config = stack.folder / f"alertmanager-{port}.json"
    route = {"receiver": "nobody", "group_wait": INTERVAL, "group_interval": INTERVAL}
    config.write_text(json.dumps({"route": route, "receivers": [{"name": "nobody"}]}))
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={stack.folder / f'alertmanager-{port}'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    stack.run("alertmanager", command, port)
    return f"127.0.0.1:{port}"


def _rules(folder: Path) -> Path:
    """The committed ones, with windows of minutes where a month's would need hours to fill."""
    rules = folder / "rules"
    rules.mkdir()
    for path in (ROOT / "prometheus/rules").glob("*.yml"):
        text = path.read_text().replace("[30d:5m]", "[5m:5s]")
        (rules / path.name).write_text(re.sub(r"^    interval: .*$", "", text, flags=re.MULTILINE))
    return rules


def _configuration(addresses: Mapping[str, str], rules: Path, certified: TlsServer) -> Json:
    """The committed one, with these addresses in place of compose's."""
    committed: Json = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    jobs = [job for job in committed["scrape_configs"] if job["job_name"] not in ELSEWHERE]
    changed = {
        "global": {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": [f"{rules}/*.yml"],
        "alerting": committed["alerting"],
        "scrape_configs": [_without_discovery(job, certified) for job in jobs],
    }
    text = json.dumps(changed)
    for theirs, ours in addresses.items():
        text = text.replace(theirs, ours)
    configuration: Json = json.loads(text)
    return configuration


def _without_discovery(job: Json, certified: TlsServer) -> Json:
    """The one job that reads its targets from a file is the one of certificates."""
    found = [
        f"{name}:{service['port']}"
        for service in job.get("dns_sd_configs", [])
        for name in service["names"]
    ] + [certified.address for _ in job.get("file_sd_configs", [])]
    dropped = {"dns_sd_configs", "file_sd_configs", "scrape_interval", "scrape_timeout"}
    kept = {name: value for name, value in job.items() if name not in dropped}
    return kept | {"static_configs": [{"targets": found}]} if found else kept
