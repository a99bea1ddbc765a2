from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from apps.core.exceptions import DomainError

TIMEOUT = 180


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
