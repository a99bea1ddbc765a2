"""What takes a while and comes out the same each time: made by the first who asks."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def migrated_sqlite(path: Path) -> None:
    """Puts a database there that nothing is in yet."""
    shutil.copy(_migrated(), path)


@cache
def static_root() -> Path:
    """All static files. Not to be written to."""
    folder = _folder()
    _manage({"STATIC_ROOT": str(folder)}, "collectstatic", "--noinput", "-v0")
    return folder


@cache
def _migrated() -> Path:
    path = _folder() / "db.sqlite3"
    _manage({"SQLITE_PATH": str(path)}, "migrate", "-v0")
    return path


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return folder


def _manage(variables: dict[str, str], *arguments: str) -> None:
    environment = os.environ | {"DB_HOST": "", "REDIS_URL": ""} | variables
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
