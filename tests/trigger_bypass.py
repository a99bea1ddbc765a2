"""Who owns the tables can take their triggers away. So does the suite, and nothing else of ours:
where a test plays somebody who changes the past, and where the tables are emptied after a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TABLES = (
    "events_eventrecord",
    "events_stream",
    "events_checkpoint",
    "payments_transfer",
    "payments_posting",
)


def lifting() -> tuple[list[str], list[str]]:
    """The statements that take the triggers away, and those that put them back."""
    if connection.vendor == "postgresql":
        switch = "ALTER TABLE {} {} TRIGGER USER"
        return (
            [switch.format(table, "DISABLE") for table in TABLES],
            [switch.format(table, "ENABLE") for table in TABLES],
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]


@contextmanager
def unguarded() -> Iterator[None]:
    away, back = lifting()
    _execute(away)
    yield
    _execute(back)


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # or what waits for the commit is in the way
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)
