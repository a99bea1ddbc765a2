import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.stack.processes import Process, Stack

PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Postgres with a database of its own, Redis with a number of its own."""
    folder = tmp_path_factory.mktemp("stack")
    environment = {
        "DB_NAME": f"stack_{uuid.uuid4().hex[:8]}",
        "REDIS_URL": os.environ["REDIS_URL"].replace("/0", "/9"),
        "STATIC_ROOT": str(folder / "static"),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PATH": PATH,
        "VENV": "none",
    }
    _create_database(environment["DB_NAME"])
    stack = Stack(folder, environment)
    stack.manage("migrate", "-v0")
    stack.manage("collectstatic", "--noinput", "-v0")
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def web(stack: Stack) -> Process:
    return stack.web()


@pytest.fixture(scope="session")
def worker(stack: Stack) -> Process:
    return stack.worker()


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """SQLite and no other server, as `make run` has it."""
    environment = {
        "DB_HOST": "",
        "REDIS_URL": "",
        "SQLITE_PATH": str(tmp_path / "db.sqlite3"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PATH": PATH,
        "VENV": "none",
    }
    stack = Stack(tmp_path, environment)
    stack.manage("migrate", "-v0")
    stack.manage("collectstatic", "--noinput", "-v0")
    yield stack
    stack.stop()


def _create_database(name: str) -> None:
    server = f"host={os.environ['DB_HOST']} port={os.environ['DB_PORT']} user=postgres"
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
