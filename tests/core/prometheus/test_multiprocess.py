"""The metric files of dead processes are folded into one set, and the values stay correct."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from apps.core.prometheus.multiprocess import ProcessFiles, fold

PROCESSES = 3
# Each process writes the same metrics with different values.
COUNT = """
import os, sys, time
from prometheus_client import Counter, Gauge, Histogram
number = int(sys.argv[1])
Counter("games", "Games.", ["title"]).labels("VALORANT").inc(number)
Counter("late", "Only in the last process.").inc() if number == 3 else None
Histogram("length", "Length.", buckets=(1, 2)).observe(number)
Gauge("best", "Best.", multiprocess_mode="max").set(number)
Gauge("worst", "Worst.", multiprocess_mode="min").set(number)
Gauge("latest", "Latest.", multiprocess_mode="mostrecent").set(10 * number)
Gauge("seats", "Seats.", multiprocess_mode="sum").set(number)
Gauge("busy", "Busy.", multiprocess_mode="livesum").set(number)
os.kill(os.getpid(), 9)
"""
TRUTH = {
    "games_total": 6.0,
    "late_total": 1.0,
    "length_bucket 1.0": 1.0,
    "length_bucket 2.0": 2.0,
    "length_bucket +Inf": 3.0,
    "length_count": 3.0,
    "length_sum": 6.0,
    "best": 3.0,
    "worst": 1.0,
    "latest": 30.0,
    "seats": 6.0,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(1, PROCESSES + 1):
        run_and_kill(tmp_path, number)
    return tmp_path


def run_and_kill(folder: Path, number: int) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", COUNT, str(number)]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL


def values(folder: Path) -> dict[str, float]:
    return {
        f"{sample.name} {sample.labels['le']}"
        if "le" in sample.labels
        else sample.name: sample.value
        for family in ProcessFiles(folder).collect()
        for sample in family.samples
    }


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_files_of_dead_processes_become_one_set_with_the_same_values(folder: Path) -> None:
    assert len(names(folder)) == 7 * PROCESSES
    assert values(folder) == TRUTH
    kinds = ("counter", "histogram", "gauge_max", "gauge_min", "gauge_mostrecent", "gauge_sum")
    assert names(folder) == {f"{kind}_folded.db" for kind in kinds}
    assert values(folder) == TRUTH


def test_a_process_that_dies_later_is_added(folder: Path) -> None:
    fold(folder)
    run_and_kill(folder, 2)
    assert values(folder) == TRUTH | {
        "games_total": 8.0,
        "length_bucket 2.0": 3.0,
        "length_bucket +Inf": 4.0,
        "length_count": 4.0,
        "length_sum": 8.0,
        "latest": 20.0,
        "seats": 8.0,
    }


def test_a_living_process_keeps_its_files(folder: Path) -> None:
    own = folder / f"counter_{os.getpid()}.db"
    (dead, *_) = folder.glob("counter_*.db")
    dead.rename(own)
    fold(folder)
    assert own.exists()
    assert values(folder)["games_total"] == 6


def test_an_empty_file_is_ignored(folder: Path) -> None:
    (folder / "counter_4194304.db").touch()
    assert values(folder) == TRUTH


def test_a_fold_that_fails_loses_and_duplicates_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    with monkeypatch.context() as full_disk:
        full_disk.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space"):
            fold(folder)
    assert values(folder) == TRUTH
