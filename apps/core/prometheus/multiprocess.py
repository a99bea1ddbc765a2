"""Merges the metric files that prometheus_client writes in multiprocess mode.

Each process writes a file per kind of metric: `counter_PID.db`, `gauge_max_PID.db`. Files of dead
processes would accumulate, and every scrape would read them all. So before each scrape they are
folded into one file per kind, `counter_folded.db`, which is read like any other.

The folder lives as long as the parent process: `bin/worker` empties it at the start.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from operator import itemgetter
from pathlib import Path
from threading import Lock

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDED = "folded"

Value = tuple[float, float]  # the value, and its timestamp for the kinds that store one


def _sum(first: Value, second: Value) -> Value:
    return first[0] + second[0], 0.0


# How the values of two processes are merged. Gauges of mode `all` are per process, so they stay.
MERGE: dict[str, Callable[[Value, Value], Value]] = {
    "counter": _sum,
    "histogram": _sum,
    "summary": _sum,
    "gauge_sum": _sum,
    "gauge_max": max,
    "gauge_min": min,
    "gauge_mostrecent": partial(max, key=itemgetter(1)),  # by timestamp
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
    for kind, paths in _dead_files(folder).items():
        if kind in MERGE:
            folded = folder / f"{kind}_{FOLDED}.db"
            new = folded.with_suffix(".new")
            _write(new, _merged(kind, [*paths, folded]))
            new.replace(folded)  # a full disk loses nothing
        elif not kind.startswith("gauge_live"):
            continue
        for path in paths:
            path.unlink()


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
    path.unlink(missing_ok=True)  # values of an attempt that failed would remain
    file = MmapedDict(path)
    for key, (value, at) in values.items():
        file.write_value(key, value, at)
    file.close()
