"""Reports in one line that a process cannot reach its database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

from apps.core.logging.setup import Misconfigured

HINT = "check host and port, and that a server runs there and takes connections from here"


def check_database() -> None:
    """Connects once, past the pool, whose error gives no reason. Raises Misconfigured."""
    direct = connection.copy()
    direct.settings_dict["OPTIONS"].pop("pool", None)
    try:
        direct.ensure_connection()
    except OperationalError as error:
        raise Misconfigured("The database cannot be used", [_problem(error)]) from None
    finally:
        direct.close()


@contextmanager
def database_errors_reported() -> Iterator[None]:
    """Raises Misconfigured instead of an error that an unreachable database causes in the block."""
    try:
        yield
    except OperationalError:
        check_database()
        raise


def _problem(error: OperationalError) -> str:
    reason = str(error).strip().splitlines()[0]
    database = connection.settings_dict
    if not database["HOST"]:
        return f"{database['NAME']}: {reason}"
    problem = f"{database['HOST']}:{database['PORT']}: {reason}"
    return problem if "FATAL:" in reason else f"{problem}; {HINT}"
