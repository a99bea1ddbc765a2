"""docker-compose.yml passes the variables of .env.example to the containers."""

import re

import pytest

from stack.processes import ROOT

OWN_SERVER = "compose has a server of its own"
NOT_PASSED = {
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
example = (ROOT / ".env.example").read_text()
VARIABLES = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE)


def test_the_example_has_each_variable_once() -> None:
    assert len(VARIABLES) > 40
    assert len(VARIABLES) == len(set(VARIABLES))
    assert NOT_PASSED.keys() <= set(VARIABLES)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_is_passed_or_has_a_reason(name: str) -> None:
    assert (f"${{{name}:-" in compose) != (name in NOT_PASSED)
