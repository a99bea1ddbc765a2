"""bin/worker and bin/beat use separate files in two checkouts on one machine."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stack.processes import ROOT

FAKE_CELERY = '#!/bin/sh\necho "folder=${PROMETHEUS_MULTIPROC_DIR:-}" "$@"\n'
Start = Callable[..., str]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts a script in a checkout. Its output is the arguments that it passes to Celery."""
    celery = tmp_path / "bin" / "celery"
    celery.parent.mkdir()
    celery.write_text(FAKE_CELERY)
    celery.chmod(0o755)
    defaults = {"PATH": os.environ["PATH"], "VENV": str(tmp_path), "TMPDIR": str(tmp_path)}

    def start(script: str, checkout: str, **environment: str) -> str:
        folder = tmp_path / checkout
        folder.mkdir(exist_ok=True)
        command = [ROOT / "bin" / script]
        return subprocess.check_output(
            command, cwd=folder, env=defaults | environment, text=True, timeout=180
        )

    return start


@pytest.mark.parametrize("script", ["worker", "beat"])
def test_each_checkout_has_separate_files(start: Start, script: str) -> None:
    first = start(script, "first")
    assert start(script, "second") != first
    assert start(script, "first") == first


@pytest.mark.parametrize(
    ("script", "variable"), [("worker", "WORKER_METRICS_DIR"), ("beat", "BEAT_SCHEDULE")]
)
def test_a_variable_overrides_the_path(
    start: Start, tmp_path: Path, script: str, variable: str
) -> None:
    path = str(tmp_path / "chosen")
    assert path in start(script, "first", **{variable: path})


def test_the_port_separates_two_workers_of_one_checkout(start: Start) -> None:
    first = start("worker", "first", WORKER_METRICS_PORT="9808")
    assert start("worker", "first", WORKER_METRICS_PORT="9809") != first
