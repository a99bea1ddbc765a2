import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from stack.processes import Process, Stack
from tests.cached_fixtures import migrated_sqlite, static_root

PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = prepared(tmp_path_factory.mktemp("stack"), redis=9)
    yield stack
    stack.stop()


def prepared(folder: Path, *, redis: int) -> Stack:
    """A stack with a new Postgres database and the Redis database of that number."""
    environment = {
        "DB_NAME": f"stack_{uuid.uuid4().hex[:8]}",
        "REDIS_URL": redis_url(redis),
        "STATIC_ROOT": str(static_root()),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PATH": PATH,
        "VENV": "none",
    }
    execute(f"CREATE DATABASE {environment['DB_NAME']}", "postgres")
    stack = Stack(folder, environment)
    stack.manage("migrate", "-v0")
    return stack


def redis_url(number: int) -> str:
    """A Redis database of the test server. Tests that need an empty one use different numbers."""
    return os.environ["REDIS_URL"].replace("/0", f"/{number}")


def execute(statement: str, database: str) -> None:
    server = f"host={os.environ['DB_HOST']} port={os.environ['DB_PORT']} user=postgres"
    with psycopg.connect(f"{server} dbname={database}", autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def web(stack: Stack) -> Process:
    return stack.web()


@pytest.fixture(scope="session")
def worker(stack: Stack) -> Process:
    return stack.worker()


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    with on_sqlite(tmp_path) as stack:
        yield stack


@contextmanager
def on_sqlite(folder: Path, database: Callable[[Path], None] = migrated_sqlite) -> Iterator[Stack]:
    """A stack with SQLite and without other servers, as `make run` starts it."""
    path = folder / "db.sqlite3"
    database(path)
    environment = {
        "DB_HOST": "",
        "REDIS_URL": "",
        "SQLITE_PATH": str(path),
        "STATIC_ROOT": str(static_root()),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PATH": PATH,
        "VENV": "none",
    }
    with Stack(folder, environment) as stack:
        yield stack
