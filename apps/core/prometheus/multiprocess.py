"""Merges the metric files that prometheus_client writes in multiprocess mode.

Each process writes a file per kind of metric: `counter_PID.db`, `gauge_max_PID.db`. Files of dead
processes would accumulate, and every scrape would read them all. So before each scrape they are
folded into one file per kind, `counter_folded.db`, which is read like any other.

A fold that is killed at any moment loses and duplicates nothing: it first writes the merged values
to new files, then a plan of what to replace and remove. The plan's rename commits the fold, and
each step of the plan can be repeated.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDED = "folded"
PLAN, NEW = "folding.json", ".new"

Value = tuple[float, float]  # the value, and its timestamp for the kinds that store one


def _sum(first: Value, second: Value) -> Value:
    return first[0] + second[0], 0.0


def _latest(first: Value, second: Value) -> Value:
    return max(first, second, key=lambda value: value[1])


# How the values of two processes are merged. Gauges of mode `all` are per process, so they stay.
MERGE: dict[str, Callable[[Value, Value], Value]] = {
    "counter": _sum,
    "histogram": _sum,
    "summary": _sum,
    "gauge_sum": _sum,
    "gauge_max": max,
    "gauge_min": min,
    "gauge_mostrecent": _latest,
}


class ProcessFiles(Collector):
    """The merged metrics of all processes of the folder, dead ones included. Gauges of a `live`
    mode come from living processes only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()  # a concurrent scrape would read files that a fold removes

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            fold(self._folder)
            # A file is empty until its process writes its first value.
            files = [str(path) for path in self._folder.glob("*.db") if path.stat().st_size]
            families = list(MultiProcessCollector.merge(files, accumulate=True))
        yield from families


def fold(folder: Path) -> None:
    """Folds the files of dead processes. The kernel decides which processes are dead: the pool may
    not know a child that has just started."""
    _finish(folder)  # the plan of a process that was killed
    plan: dict[str, list[str]] = {}
    for kind, paths in _dead_files(folder).items():
        if kind.startswith("gauge_live"):
            for path in paths:
                path.unlink(missing_ok=True)
        elif kind in MERGE:
            _write(
                _folded_file(folder, kind, NEW), _merged(kind, [*paths, _folded_file(folder, kind)])
            )
            plan[kind] = [path.name for path in paths]
    if plan:
        draft = folder / f"{PLAN}{NEW}"
        draft.write_text(json.dumps(plan))
        draft.replace(folder / PLAN)
        _finish(folder)


def _finish(folder: Path) -> None:
    if not (folder / PLAN).exists():
        return
    plan: dict[str, list[str]] = json.loads((folder / PLAN).read_text())
    for kind, names in plan.items():
        if _folded_file(folder, kind, NEW).exists():
            _folded_file(folder, kind, NEW).replace(_folded_file(folder, kind))
        for name in names:
            (folder / name).unlink(missing_ok=True)
    (folder / PLAN).unlink()


def _dead_files(folder: Path) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = defaultdict(list)
    for path in folder.glob("*.db"):
        kind, _, pid = path.stem.rpartition("_")
        if pid != FOLDED and not _is_alive(int(pid)):
            files[kind].append(path)
    return files


def _is_alive(pid: int) -> bool:
    try:
        with suppress(PermissionError):  # the pid now belongs to another user's process
            os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _merged(kind: str, paths: list[Path]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for path in paths:
        if path.exists() and path.stat().st_size:
            for key, value, at, _ in MmapedDict.read_all_values_from_file(path):
                new = value, at
                merged[key] = MERGE[kind](merged[key], new) if key in merged else new
    return merged


def _write(path: Path, values: dict[str, Value]) -> None:
    path.unlink(missing_ok=True)  # values of an earlier attempt would remain
    file = MmapedDict(path)
    for key, (value, at) in values.items():
        file.write_value(key, value, at)
    file.close()


def _folded_file(folder: Path, kind: str, suffix: str = "") -> Path:
    return folder / f"{kind}_{FOLDED}.db{suffix}"
