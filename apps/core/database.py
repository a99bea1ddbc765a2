"""Tells an operator in a line that a process does not reach the database it was given."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

from apps.core.exceptions import Misconfigured

ANSWERED = "FATAL:"  # a server did, and says what it holds against us
HINT = "check host and port, and that a server runs there and takes connections from here"


def check_database() -> None:
    """Connects once, past the pool, which does not say why it cannot. Raises Misconfigured."""
    alone = connection.copy()
    alone.settings_dict["OPTIONS"].pop("pool", None)
    try:
        alone.ensure_connection()
    except OperationalError as fault:
        raise Misconfigured("The database cannot be used", [_told(fault)]) from None
    finally:
        alone.close()


@contextmanager
def database_faults_told() -> Iterator[None]:
    """What fails inside for want of the database raises Misconfigured instead."""
    try:
        yield
    except OperationalError:
        check_database()
        raise


def _told(fault: OperationalError) -> str:
    reason = str(fault).strip().splitlines()[0]
    given = connection.settings_dict
    if not given["HOST"]:
        return f"{given['NAME']}: {reason}"
    told = f"{given['HOST']}:{given['PORT']}: {reason}"
    return told if ANSWERED in reason else f"{told}; {HINT}"
