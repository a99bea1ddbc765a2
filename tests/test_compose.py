"""docker-compose.yml passes on what .env.example offers."""

import re

import pytest

from stack.processes import ROOT

OF_ITS_OWN = "compose has servers of its own"
HAS_A_REASON = {
    "DEBUG": "compose is no development server",
    "DB_HOST": OF_ITS_OWN,
    "DB_PORT": OF_ITS_OWN,
    "DB_NAME": OF_ITS_OWN,
    "DB_USER": OF_ITS_OWN,
    "REDIS_URL": OF_ITS_OWN,
    "WORKER_METRICS_HOST": "Prometheus comes from another container",
    "WORKER_METRICS_PORT": "prometheus.yml knows it, and the container has it for itself",
    "LOG_FILE": "a container's lines are collected from stdout",
    "LOG_AGGREGATION": "for manage.py check --deploy, which is run from the repository",
}

compose = (ROOT / "docker-compose.yml").read_text()
example = (ROOT / ".env.example").read_text()
OFFERED = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE)


def is_passed(name: str) -> bool:
    return f"${{{name}:-" in compose


def test_every_variable_of_the_example_is_offered_once() -> None:
    assert len(OFFERED) > 40
    assert len(OFFERED) == len(set(OFFERED))
    assert HAS_A_REASON.keys() <= set(OFFERED)


@pytest.mark.parametrize("name", OFFERED)
def test_a_variable_is_passed_on_or_has_a_reason(name: str) -> None:
    assert is_passed(name) != (name in HAS_A_REASON)
