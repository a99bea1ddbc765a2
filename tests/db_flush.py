"""How the tables are emptied after a test with transactions of its own.

Django's way takes longer than most such tests: it truncates every table, and then looks for each
model's permissions. The rows of migrations stay, because no test with transactions changes them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate

from tests import trigger_bypass

STAY = {"django_content_type", "auth_permission", "games_game"}


@contextmanager
def quickly() -> Iterator[None]:
    """To be entered once the database is there."""
    permissions = f"{create_permissions.__module__}.{create_permissions.__name__}"
    operations: Any = type(connection.ops)
    original = operations.sql_flush
    operations.sql_flush = _sql_flush(original)
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid=permissions)
    yield
    post_migrate.connect(create_permissions, dispatch_uid=permissions)
    post_migrate.connect(create_contenttypes)
    operations.sql_flush = original


def _sql_flush(original: Callable[..., list[str]]) -> Callable[..., list[str]]:
    @wraps(original)
    def sql_flush(self: Any, style: Any, tables: list[str], **options: bool) -> list[str]:
        emptied = [table for table in tables if table not in STAY]
        if connection.vendor == "postgresql" and not options.get("reset_sequences"):
            return [_without_triggers(emptied)]
        away, back = trigger_bypass.statements()
        return [*away, *original(self, style, emptied, **options), *back]

    return sql_flush


def _without_triggers(tables: list[str]) -> str:
    """One statement for the server, in the transaction that Django flushes in."""
    deletions = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables]
    return "; ".join(["SET LOCAL session_replication_role = replica", *deletions])
