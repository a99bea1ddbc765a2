"""Two checkouts on one machine, each with a worker and a beat that was told nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from stack.processes import ROOT

CELERY = '#!/bin/sh\necho "folder=${PROMETHEUS_MULTIPROC_DIR:-}" "$@"\n'


@pytest.fixture
def started(tmp_path: Path) -> "Started":
    return Started(tmp_path)


class Started:
    """Our scripts, up to where they hand over to Celery."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        celery = folder / "bin" / "celery"
        celery.parent.mkdir()
        celery.write_text(CELERY)
        celery.chmod(0o755)

    def __call__(self, script: str, checkout: str, **given: str) -> str:
        (self.folder / checkout).mkdir(exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"],
            "VENV": str(self.folder),
            "TMPDIR": str(self.folder),
        }
        done = subprocess.run(
            [ROOT / "bin" / script], cwd=self.folder / checkout, env=environment | given,
            capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
        return done.stdout


@pytest.mark.parametrize("script", ["worker", "beat"])
def test_each_checkout_has_files_of_its_own(started: Started, script: str) -> None:
    first = started(script, "first")
    assert started(script, "second") != first
    assert started(script, "first") == first


@pytest.mark.parametrize(
    ("script", "name"), [("worker", "WORKER_METRICS_DIR"), ("beat", "BEAT_SCHEDULE")]
)
def test_who_names_them_finds_them_there(started: Started, script: str, name: str) -> None:
    place = str(started.folder / "named")
    assert place in started(script, "first", **{name: place})


def test_two_workers_of_one_checkout_are_told_apart_by_their_ports(started: Started) -> None:
    first = started("worker", "first", WORKER_METRICS_PORT="9808")
    assert started("worker", "first", WORKER_METRICS_PORT="9809") != first
