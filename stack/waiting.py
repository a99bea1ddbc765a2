import time
from collections.abc import Callable

POLL_SECONDS = 0.1
DEFAULT_TIMEOUT = 60


def wait_until(condition: Callable[[], object], timeout: float) -> bool:
    """Whether the condition became true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def eventually(check: Callable[[], object], seconds: float = DEFAULT_TIMEOUT) -> None:
    """Repeats the check until it raises no AssertionError. After the timeout it does raise."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def eventually_equal(
    read: Callable[[], object], expected: object, seconds: float = DEFAULT_TIMEOUT
) -> None:
    """Repeats `read` until it returns the expected value. Raises AssertionError."""

    def check() -> None:
        assert read() == expected

    eventually(check, seconds)
