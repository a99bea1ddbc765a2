"""Many at once: each job in a thread of its own, with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from apps.core.exceptions import DomainError

PATIENCE = 180


def at_once(*jobs: Callable[[], object], threads: int | None = None) -> list[object]:
    """What each job gave, or the code of the refusal it raised. All begin in one moment; where
    there are fewer threads than jobs, as many as there are."""
    size = threads or len(jobs)
    together = Barrier(size)

    def run(number: int) -> object:
        try:
            if number < size:
                together.wait(PATIENCE)
            return jobs[number]()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(run, range(len(jobs))))
