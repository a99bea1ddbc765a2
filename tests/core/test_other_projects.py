"""A part of the kit that a project does not configure changes nothing there."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.guide import logging_tools

SETTINGS = """
from apps.core.logging import config, setup
setup.install_hooks('shop')
from django.conf import settings
settings.configure(INSTALLED_APPS=[
    "django.contrib.auth", "django.contrib.contenttypes", "django_prometheus", "apps.core",
], {more})
import django
django.setup()
"""


OURS = """
    LOGGING_CONFIG="apps.core.logging.config.configure",
    LOGGING=config.config(format="console", levels={}, file=""),
"""


def run(script: str, *, more: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-c", SETTINGS.format(more=more) + script)
    return logging_tools.run(*command, **variables)


LOGS = """
import logging
for level in ("debug", "info", "warning"):
    getattr(logging.getLogger("shop"), level)("a line of %s", level)
print("printed")
raise LookupError("at the end")
"""


def test_a_project_without_our_logging_keeps_the_defaults_of_python_and_django() -> None:
    ended = run(LOGS)
    assert ended.stdout == "printed\n"
    assert ended.stderr.startswith("a line of warning\n")
    assert ended.stderr.endswith("\nLookupError: at the end\n")


def test_a_project_keeps_the_logging_that_it_has() -> None:
    own = """LOGGING={
        "version": 1, "disable_existing_loggers": False,
        "formatters": {"own": {"format": "own: %(message)s"}},
        "handlers": {"own": {"class": "logging.StreamHandler", "formatter": "own"}},
        "root": {"handlers": ["own"], "level": "DEBUG"},
    }"""
    lines = run(LOGS, more=own).stderr.splitlines()
    assert [f"own: a line of {level}" for level in ("debug", "info", "warning")] == [
        line for line in lines if "a line" in line
    ]


def test_celery_sets_up_its_own_logging_where_ours_is_not_in_use() -> None:
    script = "from celery import signals; print(len(signals.setup_logging.receivers or []))"
    assert run(script).stdout == "0\n"
    assert run(script, more=OURS).stdout.endswith("\n1\n")


@pytest.mark.parametrize(("multiprocess", "known"), [(False, [7]), (True, [])])
def test_in_multiprocess_mode_no_value_has_series_of_its_own(
    tmp_path: Path, multiprocess: bool, known: list[int]
) -> None:
    variables = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)} if multiprocess else {}
    script = (
        "from apps.core.prometheus.bounded_labels import BoundedLabel\n"
        "rooms = BoundedLabel('room', limit=lambda: 5, retire_seconds=lambda: 60)\n"
        "rooms.track(7)\nprint(rooms.known())"
    )
    assert run(script, **variables).stdout == f"{known}\n"


def test_django_writes_no_second_line_with_or_without_debug() -> None:
    script = "import logging; logging.getLogger('django.request').error('a fault')"
    ended = run(script, more=f"DEBUG=True, {OURS}")
    assert "a fault" in ended.stdout
    assert ended.stderr == ""
