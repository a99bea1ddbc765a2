"""docker-compose.yml passes the variables of .env.example to the containers, and confines them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.core.logging.setup import Misconfigured
from deltacrown.environment import KNOWN_KEY, load
from stack.processes import ROOT

OWN_SERVER = "compose has a server of its own"
NOT_PASSED = {
    "COMPOSE_FILE": "docker compose itself reads it",
    "DEBUG": "compose is not a development server",
    "DB_HOST": OWN_SERVER,
    "DB_PORT": OWN_SERVER,
    "DB_NAME": OWN_SERVER,
    "DB_USER": OWN_SERVER,
    "REDIS_URL": OWN_SERVER,
    "WORKER_METRICS_HOST": "Prometheus connects from another container",
    "WORKER_METRICS_PORT": "prometheus.yml contains the port, and no other process needs it",
    "LOG_FILE": "logs are collected from the container's stdout",
    "LOG_AGGREGATION": "for manage.py check --deploy, which runs in the repository",
}

compose = (ROOT / "docker-compose.yml").read_text()
production = (ROOT / "docker-compose.production.yml").read_text()
example = (ROOT / ".env.example").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(compose)["services"]
ONE_OFF = {"migrate", "seed", "welcome"}
STAYING = {
    name
    for name, service in SERVICES.items()
    if name not in ONE_OFF and "tools" not in service.get("profiles", [])
}
WRITABLE = {"guide", "drill", "test"}  # they write caches and logs beside the code
VARIABLES = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE)


def test_the_example_has_each_variable_once() -> None:
    assert len(VARIABLES) > 40
    assert len(VARIABLES) == len(set(VARIABLES))
    assert NOT_PASSED.keys() <= set(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_is_passed_or_has_a_reason(name: str) -> None:
    is_passed = re.search(rf"\$\{{{name}:[-?]", compose + production) is not None
    assert is_passed != (name in NOT_PASSED)


def test_production_has_no_known_password_and_no_simulated_users() -> None:
    defaults = re.findall(r"\$\{(\w*(?:PASSWORD|KEY|TOKEN)):-[^}]", compose)
    assert defaults
    assert all(f"${{{name}:?" in production for name in defaults)
    demo = {"seed", "welcome", "traffic"}
    services = yaml.safe_load(production)["services"]
    assert {name for name in services if services[name].get("profiles") == ["demo"]} == demo


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("read_only") or name in WRITABLE
    assert all(service[limit] for limit in ("mem_limit", "cpus", "pids_limit"))
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["networks"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("name", sorted(STAYING))
def test_a_service_that_stays_has_a_health_check_and_restarts(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_built_here_or_has_an_exact_version(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"deltacrown(-\w+)?|[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?", image)


def test_only_processes_that_use_postgres_and_redis_reach_them() -> None:
    servers = {"db", "redis", "redis-exporter", "postgres-exporter"}
    application = {"migrate", "seed", "web", "worker", "beat"}
    assert {name for name in SERVICES if "data" in SERVICES[name]["networks"]} == (
        servers | application
    )


def test_the_default_key_is_refused_beside_a_public_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert f"SECRET_KEY: ${{SECRET_KEY:-{KNOWN_KEY}}}" in compose
    monkeypatch.setenv("DEBUG", "0")
    monkeypatch.setenv("SECRET_KEY", KNOWN_KEY)
    assert load(tmp_path, []).SECRET_KEY == KNOWN_KEY
    monkeypatch.setenv("PUBLIC_URL", "https://crown.example")
    with pytest.raises(Misconfigured, match="SECRET_KEY is the publicly known default"):
        load(tmp_path, [])
