import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from django.db import connection, transaction

from apps.core.exceptions import DomainError

TIMEOUT = 180
HEAD_START_SECONDS = 0.5


def run_concurrently(*jobs: Callable[[], object], threads: int | None = None) -> list[object]:
    """The result of each job, or the code of the DomainError that it raised.

    Each thread has its own database connection. The first jobs start at the same moment.
    """
    size = threads or len(jobs)
    barrier = Barrier(size)

    def run(number: int) -> object:
        try:
            if number < size:
                barrier.wait(TIMEOUT)
            return jobs[number]()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(run, range(len(jobs))))


def run_overlapping(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Runs the second while the first is done, but not committed. Returns both results."""
    is_done = Event()

    def run_first() -> object:
        with transaction.atomic():
            result = first()
            is_done.set()
            time.sleep(HEAD_START_SECONDS)
        return result

    def run_second() -> object:
        assert is_done.wait(TIMEOUT)
        return second()

    return run_concurrently(run_first, run_second)
