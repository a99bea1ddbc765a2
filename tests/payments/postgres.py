"""A database on Postgres for processes that a test starts."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.stack.conftest import execute


@contextmanager
def new_database() -> Iterator[str]:
    """Its name."""
    name = f"payments_{uuid.uuid4().hex[:8]}"
    execute(f"CREATE DATABASE {name}", "postgres")
    yield name
    execute(f"DROP DATABASE {name} WITH (FORCE)", "postgres")


def query(database: str, statement: str) -> Any:
    """The first value."""
    host, port, user = (os.environ[name] for name in ("DB_HOST", "DB_PORT", "DB_USER"))
    server = f"host={host} port={port} user={user} dbname={database}"
    with psycopg.connect(server) as connection:
        [value] = connection.execute(statement.encode()).fetchone() or [None]
        return value
