"""The metric files of a prefork worker's processes; what dead children left becomes one set.

Each process keeps a file for each kind of metric: `counter_PID.db`, `gauge_max_PID.db`. Those of a
child that was replaced would stay for ever, and every scrape would read them. So before each scrape
they are folded into one file a kind, `counter_folded.db`, which is read like any other.

Killed at any moment, a fold loses and doubles nothing: what is to be replaced and removed is
written down first, and that file's rename is the moment at which the fold happens. Done over again
it does no harm.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDED = "folded"
PLAN = "folding.json"

Value = tuple[float, float]  # and when it was set, where the kind remembers


def _added(one: Value, other: Value) -> Value:
    return one[0] + other[0], 0.0


def _later(one: Value, other: Value) -> Value:
    return max(one, other, key=lambda value: value[1])


# How two processes' values become one. Gauges of mode `all` are told by process, and are left be.
KINDS: dict[str, Callable[[Value, Value], Value]] = {
    "counter": _added,
    "histogram": _added,
    "summary": _added,
    "gauge_sum": _added,
    "gauge_max": max,
    "gauge_min": min,
    "gauge_mostrecent": _later,
}


class ProcessFiles(Collector):
    """What all processes of the folder counted, the dead ones too. Gauges of the living only, which
    is what `live` in a mode's name means."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()  # two scrapes at once: one would read what the other removes

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            fold(self._folder)
            # Empty is the file of a child that is about to write its first.
            files = [str(path) for path in self._folder.glob("*.db") if path.stat().st_size]
            families = list(MultiProcessCollector.merge(files, accumulate=True))
        yield from families


def fold(folder: Path) -> None:
    """One at a time. A process is dead when the kernel knows it no more: the pool may not know yet
    of a child that has just begun."""
    _finish(folder)  # what a killed process had begun
    plan: dict[str, list[str]] = {}
    for kind, paths in _left_by_the_dead(folder).items():
        if kind.startswith("gauge_live"):
            for path in paths:
                path.unlink(missing_ok=True)
        elif kind in KINDS:
            _write(_new(folder, kind), _merged(kind, [*paths, _folded(folder, kind)]))
            plan[kind] = [path.name for path in paths]
    if plan:
        draft = folder / f"{PLAN}.new"
        draft.write_text(json.dumps(plan))
        draft.replace(folder / PLAN)
        _finish(folder)


def _finish(folder: Path) -> None:
    """Each step is skipped where it was done before."""
    if not (folder / PLAN).exists():
        return
    plan: dict[str, list[str]] = json.loads((folder / PLAN).read_text())
    for kind, names in plan.items():
        if _new(folder, kind).exists():
            _new(folder, kind).replace(_folded(folder, kind))
        for name in names:
            (folder / name).unlink(missing_ok=True)
    (folder / PLAN).unlink()


def _left_by_the_dead(folder: Path) -> dict[str, list[Path]]:
    left: dict[str, list[Path]] = defaultdict(list)
    for path in folder.glob("*.db"):
        kind, _, pid = path.stem.rpartition("_")
        if pid != FOLDED and not _lives(int(pid)):
            left[kind].append(path)
    return left


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, under a pid that was used before
        return True
    return True


def _merged(kind: str, paths: list[Path]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for path in paths:
        for key, value in _values(path):
            merged[key] = KINDS[kind](merged[key], value) if key in merged else value
    return merged


def _values(path: Path) -> Iterator[tuple[str, Value]]:
    """Nothing, of a file that is not there or that its process had no time to begin."""
    if path.exists() and path.stat().st_size:
        for key, value, at, _ in MmapedDict.read_all_values_from_file(path):
            yield key, (value, at)


def _write(path: Path, values: dict[str, Value]) -> None:
    path.unlink(missing_ok=True)  # a former attempt's: its values would stay
    file = MmapedDict(path)
    for key, (value, at) in values.items():
        file.write_value(key, value, at)
    file.close()


def _folded(folder: Path, kind: str) -> Path:
    return folder / f"{kind}_{FOLDED}.db"


def _new(folder: Path, kind: str) -> Path:
    return folder / f"{kind}_{FOLDED}.db.new"
