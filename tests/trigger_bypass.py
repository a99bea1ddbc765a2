"""Disables the triggers that protect append-only tables. Only the owner of the tables can do this.

Used by tests that tamper with records, and by the flush after a test.
"""

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


def statements() -> tuple[list[str], list[str]]:
    """The statements that disable the triggers, and those that enable them again."""
    if connection.vendor == "postgresql":
        alter = "ALTER TABLE {} {} TRIGGER USER"
        return (
            [alter.format(table, "DISABLE") for table in TABLES],
            [alter.format(table, "ENABLE") for table in TABLES],
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]


@contextmanager
def triggers_disabled() -> Iterator[None]:
    disable, enable = statements()
    _execute(disable)
    yield
    _execute(enable)


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # ALTER TABLE fails with pending trigger events
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)
