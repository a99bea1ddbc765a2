"""Files that take long to make and are the same for all tests: made once for all workers."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_SERVERS = {"DB_HOST": "", "REDIS_URL": ""}


def migrated_sqlite(path: Path) -> None:
    """Copies a migrated and empty database to the path."""
    shutil.copy(_cached("db.sqlite3", _migrate), path)


def demo_sqlite(path: Path) -> None:
    """Copies a database with the demo data to the path."""
    shutil.copy(_cached("demo.sqlite3", _seed), path)


def static_root() -> Path:
    """The folder with all static files. It is read-only for tests."""
    return _cached("static", _collect)


def _cached(name: str, make: Callable[[Path], None]) -> Path:
    folder = Path(os.environ["TESTS_CACHE"])
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            make(folder / name)
    return folder / name


def _migrate(path: Path) -> None:
    manage(WITHOUT_SERVERS | {"SQLITE_PATH": str(path)}, "migrate", "-v0")


def _seed(path: Path) -> None:
    migrated_sqlite(path)
    manage(WITHOUT_SERVERS | {"SQLITE_PATH": str(path)}, "seed_demo")


def _collect(path: Path) -> None:
    manage(WITHOUT_SERVERS | {"STATIC_ROOT": str(path)}, "collectstatic", "--noinput", "-v0")


def manage(variables: dict[str, str], *arguments: str) -> None:
    """Runs a management command."""
    environment = os.environ | variables
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
