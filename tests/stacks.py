"""Stacks of the application's processes, each with a migrated database of its own."""

import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from stack.ports import free_port
from stack.processes import Process, Stack
from tests.cached_fixtures import manage, migrated_sqlite, static_root

COMMON = {
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "VENV": "none",
}


@contextmanager
def on_sqlite(
    folder: Path, database: Callable[[Path], None] | None = migrated_sqlite
) -> Iterator[Stack]:
    """Without other servers, as `make run` starts it. `database` creates the file at a path."""
    path = folder / "db.sqlite3"
    if database:
        database(path)
    own = {
        "DB_HOST": "",
        "REDIS_URL": "",
        "SQLITE_PATH": str(path),
        "STATIC_ROOT": str(static_root()),
    }
    with Stack(folder, COMMON | own) as stack:
        yield stack


@contextmanager
def on_postgres(folder: Path, *, redis: str = "") -> Iterator[Stack]:
    """With a new Postgres database, and the Redis database of this URL."""
    own = {"DB_NAME": new_database(), "REDIS_URL": redis, "STATIC_ROOT": str(static_root())}
    with Stack(folder, COMMON | own) as stack:
        yield stack


def new_database() -> str:
    """The name of a migrated database."""
    name = f"stack_{uuid.uuid4().hex[:8]}"
    execute(f"CREATE DATABASE {name} TEMPLATE {_template()}", "postgres")
    return name


@cache
def _template() -> str:
    """Migrated once for each server."""
    execute("CREATE DATABASE migrated", "postgres")
    manage({"DB_NAME": "migrated"}, "migrate", "-v0")
    return "migrated"


def own_redis(stack: Stack) -> Process:
    """A server that a test may stop."""
    port = free_port()
    options = ["--port", str(port), "--save", "", "--dir", str(stack.folder)]
    return stack.run("redis", ["redis-server", *options], port)


def redis_url(number: int) -> str:
    """A Redis database of the test server. Tests that need an empty one use different numbers."""
    return os.environ["REDIS_URL"].replace("/0", f"/{number}")


def connect(database: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    server = f"host={os.environ['DB_HOST']} port={os.environ['DB_PORT']} user=postgres"
    return psycopg.connect(f"{server} dbname={database}", autocommit=autocommit)


def execute(statement: str, database: str) -> Any:
    """The first value that the statement returns."""
    with connect(database, autocommit=True) as connection:
        result = connection.execute(statement.encode())
        row = result.fetchone() if result.description else None
        return row and row[0]
